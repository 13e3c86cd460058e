/* The map of one hazard: its bands, the affected villages, the outlines of their regencies; the sources
   and lines of its plan (dashed over the sea) and other stores nearby.
   The address of the shapes is the attribute data-shapes of the map, or of #board, which is swapped;
   the map is drawn again when data-version of #board changes. The table has the same villages. */
(function () {
  "use strict";

  // By intensity class, from V on; other measures use the same order of strength.
  var SHADES = ["#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026"];
  var words = {};

  // A count that this person may not see is not in the answer.
  function say(name, values) { return window.portal.say(words, name, values); }

  function shadeOf(bands) {
    var steps = bands.map(function (band) { return band.properties.severity; }).sort(function (a, b) { return a - b; });
    var first = Math.max(0, SHADES.length - steps.length);
    return function (severity) {
      var at = steps.indexOf(severity);
      return SHADES[Math.min(SHADES.length - 1, first + Math.max(0, at))];
    };
  }

  function described(about) {
    var line = about.what !== "village" ? ""
      : say("tip", { persons: about.persons, families: about.families }) + (about.note ? " (* " + words.suppressed + ")" : "");
    return window.portal.describe(about.label || about.name || words.epicentre, line);
  }

  function square(what) { return L.divIcon({ className: "store-mark store-" + what, iconSize: [14, 14] }); }

  function told(about, what) {
    return window.portal.describe(about.name, say(what, { units: about.units, km: about.km }) + (about.crossings ? " · " + words.sea : ""));
  }

  function draw(map, collection) {
    var features = collection.features, group = L.featureGroup();
    var of = function (what) { return features.filter(function (one) { return one.properties.what === what; }); };
    var bands = of("band"), villages = of("village"), shade = shadeOf(bands);
    L.geoJSON(of("regency"), { interactive: false, style: { color: "#5F6D7A", weight: 1, fillColor: "#EEF1F4", fillOpacity: 1 } }).addTo(group);
    L.geoJSON(bands, {
      style: function (one) { return { color: shade(one.properties.severity), weight: 2, dashArray: "6 4", fillColor: shade(one.properties.severity), fillOpacity: 0.15 }; },
      onEachFeature: function (one, shape) { shape.bindTooltip(described(one.properties), { sticky: true }); },
    }).addTo(group);
    var drawn = L.geoJSON(villages, {
      style: function (one) {
        return { color: "#5F6D7A", weight: 0.6, fillColor: shade(one.properties.severity), fillOpacity: one.properties.peopled ? 0.85 : 0.35 };
      },
      onEachFeature: function (one, shape) { shape.bindTooltip(described(one.properties), { sticky: true }); },
    }).addTo(group);
    L.geoJSON(of("line"), {
      style: function (one) { return { color: "#0B5CAD", weight: 2, dashArray: one.properties.crossings ? "4 6" : null, opacity: 0.8 }; },
      onEachFeature: function (one, shape) { shape.bindTooltip(told(one.properties, "way"), { sticky: true }); },
    }).addTo(group);
    ["store", "source"].forEach(function (what) {
      L.geoJSON(of(what), {
        pointToLayer: function (one, at) { return L.marker(at, { icon: square(what), keyboard: false, alt: one.properties.name }); },
        onEachFeature: function (one, shape) { shape.bindTooltip(told(one.properties, what)); },
      }).addTo(group);
    });
    L.geoJSON(of("epicentre"), {
      pointToLayer: function (_one, at) { return L.circleMarker(at, { radius: 8, color: "#1B2229", weight: 3, fillColor: "#fff", fillOpacity: 1 }); },
      onEachFeature: function (one, shape) { shape.bindTooltip(described(one.properties)); },
    }).addTo(group);
    group.addTo(map);
    return { group: group, villages: villages.length, bounds: villages.length ? drawn.getBounds() : group.getBounds() };
  }

  window.showHazard = function (map) {
    words = document.getElementById("map-words").dataset;
    map.options.zoomSnap = 0.25;
    window.portal.attribute(map, words.attribution);
    var box = map.getContainer(), note = document.getElementById("map-note"), shown = null, version = "", chosen = "";

    function load(address, key) {
      window.portal.loadJson(address, { "X-Poll": "1" }).then(function (collection) {
        if (shown) map.removeLayer(shown.group);
        shown = draw(map, collection);
        box.dataset.drawn = shown.villages;
        note.textContent = collection.features.length ? say("drawn", { drawn: shown.villages }) : words.none;
        if (collection.left_out) note.textContent += ". " + say("rest", { rest: collection.left_out });
        // another hazard is looked at where it is; a new version leaves the map where the operator is
        if (key !== chosen && shown.bounds.isValid()) map.fitBounds(shown.bounds.pad(0.1), { animate: false });
        chosen = key;
      }).catch(function () { note.textContent = words.failed; version = ""; });
    }

    function follow() {
      var board = document.getElementById("board");
      var address = board ? board.dataset.shapes : box.dataset.shapes;
      var wanted = board ? board.dataset.version : "page";
      if (!address || wanted === version) return;
      version = wanted;
      load(address, wanted.split("-")[0]);
    }

    follow();
    document.body.addEventListener("htmx:afterSwap", follow);
  };
})();
