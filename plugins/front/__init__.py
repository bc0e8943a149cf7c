"""The upload front: pages in the GOV.UK Design System and a JSON API, on the same use cases."""
