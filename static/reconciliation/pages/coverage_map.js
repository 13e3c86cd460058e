/* The share of linked people by region, filled in five classes; the table below holds the same. */
(function () {
  "use strict";

  // The same colours as the swatches in reconciliation.css (ColorBrewer YlGnBu-5).
  var SHADES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"], NOBODY = "#d9d9d9";
  var words = {};

  function say(name, values) { return window.portal.say(words, name, values); }

  function style(feature) {
    var about = feature.properties;
    return {
      color: "#5F6D7A", weight: 1, fillOpacity: 0.9,
      fillColor: about.people ? SHADES[about.shade] : NOBODY,
      dashArray: about.people ? null : "2 3",
    };
  }

  function described(about) {
    return window.portal.describe(about.name, about.people ? say("tip", { linked: about.linked, people: about.people }) : "");
  }

  window.showCoverage = function (map) {
    words = document.getElementById("map-words").dataset;
    map.options.zoomSnap = 0.25;
    var box = map.getContainer(), note = document.getElementById("map-note");
    window.portal.loadJson(box.dataset.outlines).then(function (collection) {
      var layer = L.geoJSON(collection, {
        style: style,
        onEachFeature: function (feature, shape) { shape.bindTooltip(described(feature.properties), { sticky: true }); },
      }).addTo(map);
      var drawn = collection.features.length;
      box.dataset.drawn = drawn;
      note.textContent = drawn ? say("drawn", { drawn: drawn }) : words.none;
      if (!drawn) return;
      map.fitBounds(layer.getBounds().pad(0.05), { animate: false });
      window.portal.attributeEditions(map, collection.features, words);
    }).catch(function () { note.textContent = words.failed; });
  };
})();
