/* The map on a page of its own: what is under the pointer is named below it. */
(function () {
  "use strict";
  window.showVectorMap = function (map) {
    window.leafletMap = map;
    var element = document.getElementById("vector-map"), told = document.getElementById("map-told");
    element.addEventListener("vectormap:select", function (event) {
      told.textContent = event.detail.regions.map(function (one) { return one.name; })
        .concat(event.detail.ids.map(function (id) { return "#" + id; })).join(" · ");
    });
    window.VectorMap.mount(element, map).then(function (handle) {
      window.vectorMap = handle;
      element.addEventListener("vectormap:select", function (event) { handle.highlight(event.detail.ids[0]); });
      element.addEventListener("vectormap:replaced", far);
      return far();
    });
    function far() {
      return window.portal.loadJson(element.dataset.away + "?" + element.dataset.query)
        .then(function (found) { window.vectorMap.showAway(found.count, found.places); });
    }
  };
})();
