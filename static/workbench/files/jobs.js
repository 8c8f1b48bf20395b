// While something waits, fetch the list anew. The page works without this: its link fetches it, too.
document.addEventListener("DOMContentLoaded", () => {
  const PAUSE = 2000;
  // A page left open must not keep its log-in awake for ever.
  const MOST = 450;
  let left = MOST;

  // Whoever hears the page is told what is over, not each step.
  const tell = (list, fresh) => {
    for (const job of fresh.querySelectorAll(".wb-job")) {
      const before = list.querySelector(`#${job.id} .wb-buttons[method]`);
      if (!before || job.querySelector(".wb-buttons[method]")) continue;
      const words = [job.querySelector("h2"), job.querySelector(".wb-job-state")].map((part) => part.textContent);
      document.getElementById("jobs-told").textContent = words.join(" ");
    }
  };

  const renew = async () => {
    const list = document.getElementById("jobs");
    if (!list?.hasAttribute("data-waits") || left === 0) return;
    left -= 1;
    if (!document.hidden) {
      try {
        const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = answer.ok ? page.getElementById("jobs") : null;
        // Another page than this one: the log-in has ended. The link says so when it is followed.
        if (!fresh) return;
        if (!list.contains(document.activeElement)) {
          tell(list, fresh);
          list.replaceWith(fresh);
        }
      } catch {
        // The server is away for a moment: look again.
      }
    }
    window.setTimeout(renew, PAUSE);
  };
  window.setTimeout(renew, PAUSE);
});
