// Whoever is logged out, or went away for so long that the password is asked for, leaves nothing about people on the
// screen: the page is emptied, also where the server does not answer. A form that was filled in and not saved stays: it
// waits for the password, so it can still be sent.
//
//   template[data-session-seconds]  in how many seconds the session of this page ends; what the emptied page says
// `leaving` on the window asks whether the page may go; `unsaved.js` keeps one with something unsaved.

document.addEventListener("DOMContentLoaded", () => {
  const said = document.querySelector("template[data-session-seconds]");
  if (!said) return;
  const LENGTH = Number(said.dataset.sessionSeconds) * 1000;
  const LOOK_EVERY = 30_000;
  const ASKED = "session_asked";
  const LEFT = "session_left";
  let asked = Date.now();

  // The session is one for all pages of the browser; a browser that keeps nothing knows of this page alone.
  const remember = (name) => {
    try {
      localStorage.setItem(name, String(Date.now()));
    } catch {
      return;
    }
  };
  const askedAnywhere = () => {
    try {
      return Math.max(asked, Number(localStorage.getItem(ASKED)));
    } catch {
      return asked;
    }
  };
  const noteAsked = () => {
    asked = Date.now();
    remember(ASKED);
  };
  const empty = () => {
    window.clearInterval(looking);
    document.body.replaceChildren(said.content.cloneNode(true));
    document.body.querySelector("a").href = location.href;
  };
  const look = () => {
    if (Date.now() - askedAnywhere() < LENGTH) return;
    if (window.dispatchEvent(new Event("leaving", { cancelable: true }))) empty();
  };

  noteAsked();
  const looking = window.setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
  // What scripts ask for keeps the session awake as well.
  new PerformanceObserver((list) => {
    if (list.getEntries().some((entry) => entry.initiatorType === "fetch")) noteAsked();
  }).observe({ type: "resource" });
  for (const form of document.querySelectorAll('form[action$="/logout/"]')) {
    form.addEventListener("submit", () => remember(LEFT));
  }
  // Another page of this browser logged out. Drafts are gone by then: what is typed here could not be sent either.
  window.addEventListener("storage", (event) => {
    if (event.key === LEFT) empty();
  });
});
