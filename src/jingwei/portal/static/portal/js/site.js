// What every script of the site needs: the form token, and requests that say who asks.

export function token() {
  return document.querySelector('input[name="csrfmiddlewaretoken"]').value;
}

export function post(address, fields, options = {}) {
  return fetch(address, {
    method: "POST",
    headers: { "X-CSRFToken": token(), "HX-Request": "true" },
    body: new URLSearchParams(fields),
    ...options,
  });
}
