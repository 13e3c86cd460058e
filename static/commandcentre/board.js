/* The desk of the command centre: its height, map or table, and whether it is live. */
(function () {
  "use strict";
  var desk = document.getElementById("desk"), toggle = document.getElementById("desk-table");
  var tag = document.querySelector("#desk-live .tag");
  var wide = window.matchMedia("(min-width: 1100px)");

  function fit() {
    // events, map, plan and calls fill what the window leaves below the head
    if (!wide.matches) { desk.style.removeProperty("height"); return; }
    var top = desk.getBoundingClientRect().top + window.scrollY;
    desk.style.setProperty("height", Math.max(480, window.innerHeight - top - 8) + "px");
  }
  fit();
  window.addEventListener("resize", fit);

  toggle.addEventListener("click", function () {
    var isTable = desk.classList.toggle("shows-table");
    toggle.setAttribute("aria-pressed", String(isTable));
    // the map was hidden, and does not know its size
    if (!isTable) window.dispatchEvent(new Event("resize"));
  });

  document.body.addEventListener("live:state", function (event) {
    var state = event.detail.state;
    tag.textContent = tag.dataset[state] || "";
    tag.className = "tag state-" + state;
  });

  // the words about a lost line take room
  document.body.addEventListener("live:words", fit);

  // what was scrolled inside a panel stays where the operator left it
  var PANELS = [".desk-events", ".desk-plan", ".desk-villages"], kept = {};
  ["htmx:beforeSwap", "live:part"].forEach(function (before) {
    document.body.addEventListener(before, function () {
      PANELS.forEach(function (name) {
        var panel = desk.querySelector(name);
        kept[name] = panel ? panel.scrollTop : 0;
      });
    });
  });
  document.body.addEventListener("htmx:afterSwap", function () {
    PANELS.forEach(function (name) {
      var panel = desk.querySelector(name);
      if (panel) panel.scrollTop = kept[name] || 0;
    });
  });
})();
