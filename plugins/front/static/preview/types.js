// Types in plain words, which the page gives by the API's word: "whole number (bigint)".
const words = JSON.parse(document.getElementById("preview").dataset.types);

export function inWords(type) {
  const plain = words[type.split(/[<(]/, 1)[0]];
  return plain === type || type === "null" ? plain : `${plain} (${type})`;
}
