// The headers of what a page asks by itself, with nobody there perhaps: it does not keep a session from ending.
export const unattended = (headers = {}) => ({ ...headers, "X-Unattended": "1" });
