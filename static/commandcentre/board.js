/* The board says when it no longer hears from the portal, and when it does again. */
(function () {
  "use strict";

  function offline(is) { document.getElementById("board-offline").hidden = !is; }

  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach(function (name) {
    document.addEventListener(name, function () { offline(true); });
  });
  document.addEventListener("htmx:afterSwap", function () { offline(false); });
})();
