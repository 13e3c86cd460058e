/* A card of the dashboard that does not load says so; the others are not touched. */
(function () {
  "use strict";
  function failed(event) {
    const card = event.target.closest("[data-card]");
    if (!card) return;
    const loading = card.querySelector("[data-loading]");
    const said = card.querySelector("[data-failed]");
    if (loading) loading.hidden = true;
    if (said) said.hidden = false;
  }
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, failed);
  }
})();
