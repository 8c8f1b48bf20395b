// Says in words how good a password is while it is typed; the server judges again when it is sent.
const form = document.querySelector("form[data-meter]");
const [first, second] = form.querySelectorAll("input[type=password]");
const words = form.querySelector("[data-words]");
const username = form.querySelector("[data-username]").value.toLowerCase();

function judge(password) {
  if (!password) return "";
  if (password.length < 8) return form.dataset.short;
  if (/^\d+$/.test(password)) return form.dataset.digits;
  if (username && password.toLowerCase().includes(username)) return form.dataset.name;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length;
  return password.length >= 14 || (password.length >= 10 && kinds >= 3) ? form.dataset.good : form.dataset.fair;
}

form.addEventListener("input", () => {
  const differs = second.value && second.value !== first.value ? ` ${form.dataset.differs}` : "";
  words.textContent = judge(first.value) + differs;
});

form.querySelector("[data-show]").addEventListener("change", (event) => {
  for (const field of [first, second]) field.type = event.target.checked ? "text" : "password";
});
