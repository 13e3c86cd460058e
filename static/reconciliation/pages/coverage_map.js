/* The share of linked people by region, filled in five classes; the table below holds the same. */
(function () {
  "use strict";

  // The same colours as the swatches in reconciliation.css (ColorBrewer YlGnBu-5).
  var SHADES = ["#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"], NOBODY = "#d9d9d9";
  var words = {};

  function number(value) { return value.toLocaleString(words.language); }

  function say(name, values) {
    return (words[name] || "").replace(/\{(\w+)\}/g, function (_all, key) { return number(values[key]); });
  }

  function load(url) {
    return fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
  }

  function escaped(text) {
    var box = document.createElement("span");
    box.textContent = text;
    return box.innerHTML;
  }

  function style(feature) {
    var about = feature.properties;
    return {
      color: "#5F6D7A", weight: 1, fillOpacity: 0.9,
      fillColor: about.people ? SHADES[about.shade] : NOBODY,
      dashArray: about.people ? null : "2 3",
    };
  }

  function described(about) {
    var box = document.createElement("div"), title = document.createElement("b"), line = document.createElement("div");
    title.textContent = about.name;
    if (about.people) line.textContent = say("tip", { linked: about.linked, people: about.people });
    box.appendChild(title); box.appendChild(line);
    return box;
  }

  window.showCoverage = function (map) {
    words = document.getElementById("map-words").dataset;
    map.options.zoomSnap = 0.25;
    var box = map.getContainer(), note = document.getElementById("map-note");
    load(box.dataset.outlines).then(function (collection) {
      var layer = L.geoJSON(collection, {
        style: style,
        onEachFeature: function (feature, shape) { shape.bindTooltip(described(feature.properties), { sticky: true }); },
      }).addTo(map);
      var drawn = collection.features.length, editions = {};
      collection.features.forEach(function (feature) { editions[feature.properties.edition] = true; });
      box.dataset.drawn = drawn;
      note.textContent = drawn ? say("drawn", { drawn: drawn }) : words.none;
      if (!drawn) return;
      map.fitBounds(layer.getBounds().pad(0.05), { animate: false });
      map.attributionControl.addAttribution(escaped(words.edition + " " + Object.keys(editions).join(", ") + " · " + words.indicative));
    }).catch(function () { note.textContent = words.failed; });
  };
})();
