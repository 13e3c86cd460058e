/* The map of the pockets: villages by who says pocket, areas of BIG dashed, cells of the register.
   The address of the shapes is the attribute data-shapes of the map. The table has the same villages. */
(function () {
  "use strict";

  // A kind is told by colour, by the line and by its word in the tip.
  var KINDS = {
    agree: { color: "#2b2159", weight: 1.5, fillColor: "#4a3a8c", fillOpacity: 0.75 },
    published: { color: "#14456e", weight: 1.5, dashArray: "2 4", fillColor: "#2a7ab9", fillOpacity: 0.55 },
    computed: { color: "#8a4d00", weight: 1.5, dashArray: "8 3", fillColor: "#d9851e", fillOpacity: 0.6 },
    hidden: { color: "#14456e", weight: 1.5, dashArray: "1 5", fillColor: "#ffffff", fillOpacity: 0.7 },
  };
  var words = {};

  function number(value) {
    return value === undefined || value === null ? words.hidden : Number(value).toLocaleString(words.language);
  }

  function count(name, about) {
    return window.portal.say(words, name, { families: number(about.families), persons: number(about.persons) });
  }

  function described(about) {
    var describe = window.portal.describe;
    if (about.what === "cell") return describe(count("cell", about));
    if (about.what !== "village") return describe(words.area, about.name);
    return describe(about.name + ": " + words[about.kind === "hidden" ? "unsaid" : about.kind],
      about.families === undefined && about.suppressed ? words.hidden : count("tip", about));
  }

  function tip(one, shape) { shape.bindTooltip(described(one.properties), { sticky: true }); }

  function draw(map, features) {
    var of = function (what) {
      return features.filter(function (one) { return one.properties.what === what && one.geometry; });
    };
    L.geoJSON(of("regency"), { interactive: false, style: { color: "#5F6D7A", weight: 1, fillColor: "#EEF1F4", fillOpacity: 1 } }).addTo(map);
    var drawn = L.geoJSON(of("village"), { style: function (one) { return KINDS[one.properties.kind]; }, onEachFeature: tip }).addTo(map);
    L.geoJSON(of("cell"), { style: { color: "#8a4d00", weight: 1.5, fill: true, fillOpacity: 0 }, onEachFeature: tip }).addTo(map);
    L.geoJSON(of("area"), { style: { color: "#14456e", weight: 2, dashArray: "6 4", fill: false }, onEachFeature: tip }).addTo(map);
    return drawn;
  }

  window.showPockets = function (map) {
    window.pocketMap = map;
    words = document.getElementById("map-words").dataset;
    map.options.zoomSnap = 0.25;
    window.portal.attribute(map, words.attribution);
    var box = map.getContainer(), note = document.getElementById("map-note");
    window.portal.loadJson(box.dataset.shapes).then(function (found) {
      var drawn = draw(map, found.features), villages = drawn.getLayers().length;
      box.dataset.drawn = villages;
      note.textContent = !found.villages ? words.none
        : window.portal.say(words, villages < found.villages ? "some" : "all", { drawn: villages, villages: found.villages });
      if (found.areas > found.drawn_areas) {
        note.textContent += " " + window.portal.say(words, "someAreas", { drawn: found.drawn_areas, areas: found.areas });
      }
      if (drawn.getBounds().isValid()) map.fitBounds(drawn.getBounds().pad(0.1), { animate: false });
    }).catch(function () { note.textContent = words.failed; });
  };
})();
