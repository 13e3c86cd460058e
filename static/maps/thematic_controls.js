/* The controls of a thematic map: a choice is shown at once; the arrow keys change the period and
   the numbers 1 to 4 the level, while the tabs above the map or the table have the focus (the map
   itself moves by its keys). Without this script the button does it.
   What is chosen for the same region is shown at the same place: form and links pass the fragment of
   the address on (#map=zoom/lat/lng, thematic.js), which a browser drops with the query. */
(function () {
  "use strict";
  var form = document.getElementById("theme-controls");
  var button = form.querySelector("button[type=submit]");
  button.hidden = !form.elements.bounds;
  form.addEventListener("change", function (event) {
    if (event.target.name === "bounds") return;
    if (event.target.name === "measure") {
      // breaks and ranges are in the unit of the measure before
      ["bounds", "least", "most", "programme"].forEach(function (name) {
        if (form.elements[name]) form.elements[name].value = "";
      });
    }
    form.requestSubmit();
  });
  var shown = form.elements.within.value;
  function keeps(query) { return location.hash.indexOf("#map=") === 0 && query.get("within") === shown; }
  form.addEventListener("submit", function (event) {
    var query = new URLSearchParams(new FormData(form));
    event.preventDefault();
    location.assign(location.pathname + "?" + query + (keeps(query) ? location.hash : ""));
  });
  ["click", "auxclick", "contextmenu"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var link = event.target.closest && event.target.closest("a[href^='?']");
      if (!link) return;
      var query = link.getAttribute("href").split("#")[0];
      link.setAttribute("href", query + (keeps(new URLSearchParams(query)) ? location.hash : ""));
    });
  });
  var slider = document.getElementById("theme-slider"), timer = 0;
  if (slider) {
    // from the oldest to the newest; while it moves the maps follow, then the page
    slider.addEventListener("input", function () {
      var label = slider.dataset.periods.split(" ")[Number(slider.value)];
      document.getElementById("theme-slider-period").textContent = label;
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        window.dispatchEvent(new CustomEvent("theme:period", { detail: label }));
      }, 120);
    });
    slider.addEventListener("change", function (event) {
      event.stopPropagation();
      window.clearTimeout(timer);
      form.elements.period.value = slider.dataset.periods.split(" ")[Number(slider.value)];
      form.requestSubmit();
    });
  }
  function follow(id) {
    var link = document.getElementById(id);
    if (link) link.click();
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.closest || !event.target.closest(".theme-tabs, .theme-table")) return;
    if (event.key === "ArrowLeft") follow("theme-earlier");
    if (event.key === "ArrowRight") follow("theme-later");
    var level = form.elements.level, place = "1234".indexOf(event.key);
    if (place < 0 || place >= level.options.length) return;
    level.selectedIndex = place;
    form.requestSubmit();
  });
})();
