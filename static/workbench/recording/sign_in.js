// Fetches the list of who has signed in every few seconds while the sign-in is open.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("[data-signed]");
  const address = list?.dataset.signed;
  if (!address) return;
  const EVERY = 4000;
  const refresh = async () => {
    if (!document.hidden) {
      try {
        const response = await fetch(address, { redirect: "error" });
        if (!response.ok) throw new Error(response.statusText);
        list.innerHTML = await response.text();
      } catch {
        list.querySelector("[role=status]").textContent = list.dataset.lost;
      }
    }
    window.setTimeout(refresh, EVERY);
  };
  window.setTimeout(refresh, EVERY);
});
