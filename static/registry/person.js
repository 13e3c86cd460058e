/* On a phone the sections of a person's page are folded, except the first; on paper all are open. */
(function () {
  "use strict";
  const folds = Array.from(document.querySelectorAll(".person details.fold"));
  function open(id) {
    const fold = id && folds.find((one) => one.id === id);
    if (fold) fold.open = true;
  }
  if (window.matchMedia("(max-width: 640px)").matches) {
    for (const fold of folds.slice(1)) fold.open = false;
  }
  open(location.hash.slice(1));
  window.addEventListener("hashchange", () => open(location.hash.slice(1)));
  window.addEventListener("beforeprint", () => folds.forEach((fold) => { fold.open = true; }));
})();
