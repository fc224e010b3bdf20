(() => {
  "use strict";
  const seconds = Number(document.documentElement.dataset.refresh);
  const note = document.getElementById("refresh");
  const failed = () => { note.textContent = "not renewed since " + note.dataset.since; };
  const renew = async () => {
    if (document.hidden) { return; }
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) { failed(); return; }
      // Its style has another nonce than this page's, and is not needed.
      const text = (await answer.text()).replace(/<style[^]*?<\/style>/, "");
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
      for (const id of ["summary", "page"]) {
        const now = document.getElementById(id);
        const focus = document.activeElement && document.activeElement.closest("details");
        const next = document.importNode(fresh.getElementById(id), true);
        for (const one of next.querySelectorAll("details")) { one.open = open.has(one.id); }
        now.replaceWith(next);
        if (focus && next.querySelector("#" + focus.id)) {
          next.querySelector("#" + focus.id + " summary").focus({ preventScroll: true });
        }
      }
      note.dataset.since = new Date().toLocaleTimeString();
      note.textContent = "renews itself every " + seconds + " s";
    } catch {
      failed();
    }
  };
  note.dataset.since = new Date().toLocaleTimeString();
  note.textContent = "renews itself every " + seconds + " s";
  setInterval(renew, seconds * 1000);
})();
