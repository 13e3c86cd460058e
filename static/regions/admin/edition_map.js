/* Remarks on a boundary edition: its own outlines below, overlaps, gaps and strays above. */
(function () {
  "use strict";

  // The same colours as the swatches in edition.css.
  var COLORS = {
    repaired: "#3C8BD3", refused: "#A3160B", unknown_code: "#5D5D5D", renamed: "#A2B4C6",
    merged: "#A2B4C6", code_without_polygon: "#1B2229", overlap: "#B12F19", gap: "#EC209C",
    outside_parent: "#B38105", added: "#41B6C4", removed: "#5E3C99", moved: "#123669",
  };
  var SMALLEST_PX = 5, SLIVER_PX = 3.5;
  var words = {};

  function say(name, values) { return window.portal.say(words, name, values); }

  function kindName(kind) {
    return words["kind" + kind.charAt(0).toUpperCase() + kind.slice(1)] || document.getElementById("map-words").getAttribute("data-kind-" + kind) || kind;
  }

  function described(properties) {
    var parts = [properties.name, properties.code, properties.other].filter(Boolean);
    if (properties.area !== null) parts.push(properties.area.toLocaleString(words.language) + " m²");
    return window.portal.describe(kindName(properties.kind), parts.join(" · "));
  }

  function drawIssues(map, collection) {
    var shapes = L.featureGroup();
    collection.features.forEach(function (feature) {
      var color = COLORS[feature.properties.kind] || "#5D5D5D";
      var shape = L.geoJSON(feature, {
        style: { color: color, weight: 2, fillColor: color, fillOpacity: 0.45 },
        pointToLayer: function (_feature, at) { return L.circleMarker(at, { radius: SMALLEST_PX, color: color, weight: 2, fillOpacity: 0.45 }); },
      });
      // a sliver is smaller than a pixel: a mark stands in its middle
      if (feature.geometry.type !== "Point") {
        shape.addLayer(L.circleMarker(shape.getBounds().getCenter(), { radius: SLIVER_PX, color: color, weight: 1.5, fillOpacity: 0.15 }));
      }
      shape.bindPopup(function () { return described(feature.properties); });
      shapes.addLayer(shape);
    });
    return shapes.addTo(map);
  }

  window.showEdition = function (map) {
    words = document.getElementById("map-words").dataset;
    map.options.zoomSnap = 0.25;
    var box = map.getContainer(), note = document.getElementById("map-note");
    var extent = JSON.parse(document.getElementById("edition-extent").textContent);
    var outlines = L.geoJSON(null, {
      style: { color: "#5F6D7A", weight: 1.2, fillColor: "#fff", fillOpacity: 0.55 }, interactive: false,
    }).addTo(map);
    var remark = "", hint = "", asked = 0;
    function tell() { note.textContent = [remark, hint].filter(Boolean).join(" "); }

    function askOutlines() {
      var turn = ++asked;
      return window.portal.loadJson(box.dataset.outlines + "?box=" + map.getBounds().toBBoxString()).then(function (collection) {
        if (turn !== asked) return;
        outlines.clearLayers();
        outlines.addData(collection);
        outlines.bringToBack();
        box.dataset.outlined = collection.features.length;
        hint = collection.omitted ? say("omitted", { count: collection.omitted }) : "";
        tell();
      }).catch(function () { hint = words.failed; tell(); });
    }

    window.portal.attribute(map, words.attribution);
    map.fitBounds([[extent[1], extent[0]], [extent[3], extent[2]]], { animate: false });
    askOutlines();
    map.on("moveend", askOutlines);
    window.portal.loadJson(box.dataset.issues).then(function (collection) {
      drawIssues(map, collection);
      box.dataset.drawn = collection.features.length;
      remark = collection.total ? say("drawn", { drawn: collection.features.length, total: collection.total }) : words.none;
      tell();
    }).catch(function () { remark = words.failed; tell(); });
  };
})();
