// The QR code of a login slip carries its code after the "#": fill it in, and take it out of the address again.
const field = document.querySelector("input[name=code]");
const code = decodeURIComponent(window.location.hash.slice(1));
if (field && /^[A-Za-z0-9-]{8,40}$/.test(code)) {
  field.value = code;
  window.history.replaceState(null, "", window.location.pathname);
  field.form.querySelector("button[type=submit]").focus();
}
