/* A thematic map: the areas of one level as vector tiles, their values joined by code.

   Besides the attributes of vector_map.js the element has:
     data-areas        address of the tiles with the areas of the level (layer `area`), {z}/{x}/{y}
     data-areas-from   the lowest zoom of these tiles
     data-level        the level
     data-values       address of the values: ids, names, texts, classes (hidden, missing), shades;
                       for counts places [lng, lat] and radii in pixels; `inside`, the address of the
                       map of the region's parts
     data-shapes       GeoJSON of the same areas, for browsers without WebGL2
   On the event theme:period of the window (detail: a period) the values of that period are joined.
   Rates are fills, counts are circles. No value of a hidden region reaches this script. */
(function () {
  "use strict";
  var LINE = "#5F6D7A", INK = "#1B2229", LAND = "#EEF1F4", CIRCLE = "#2C7FB8", SIDE = 8;

  window.showThematicMap = function (map) {
    var element = map.getContainer();
    map.options.zoomSnap = 0.25;
    map.invalidateSize();
    if (!window.leafletMap) window.leafletMap = map;
    link(map);
    var asked = fetch(element.dataset.values, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    });
    window.VectorMap.mount(element, map).then(function (handle) {
      if (!window.vectorMap) window.vectorMap = handle;
      return asked.then(function (values) {
        if (handle.isPlain) return plain(map, element, values);
        paint(map, element, handle.gl, values);
        return null;
      });
    }).catch(function () { tell(element, element.dataset.wordFailed); });
  };

  function tell(element, words) {
    element.closest(".theme-main").querySelector(".theme-told").textContent = words || "";
  }

  /* Two maps beside each other show the same place. */
  var maps = [], isMoving = false;
  function link(map) {
    maps.push(map);
    map.on("moveend", function () {
      if (isMoving) return;
      isMoving = true;
      maps.forEach(function (one) {
        if (one !== map) one.setView(map.getCenter(), map.getZoom(), { animate: false });
      });
      isMoving = false;
    });
  }
  function absolute(address) {
    return new URL(address, document.baseURI).href.replace(/%7B/gi, "{").replace(/%7D/gi, "}");
  }
  function idsOf(values, number) {
    return values.ids.filter(function (_id, place) { return values.classes[place] === number; });
  }
  function among(ids) { return ids.length ? ["match", ["id"], ids, true, false] : ["==", ["id"], -1]; }

  /* A square of a pattern, as pixels: diagonal lines, or dots on grey. */
  function pattern(isHatched) {
    var canvas = document.createElement("canvas"), pen;
    canvas.width = canvas.height = SIDE * 2;
    pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.fillStyle = isHatched ? "#fff" : "#D9D9D9";
    pen.fillRect(0, 0, SIDE, SIDE);
    if (isHatched) {
      pen.strokeStyle = LINE;
      pen.lineWidth = 1.2;
      [-SIDE, 0, SIDE].forEach(function (shift) {
        pen.beginPath();
        pen.moveTo(shift - 1, SIDE + 1);
        pen.lineTo(shift + SIDE + 1, -1);
        pen.stroke();
      });
    } else {
      pen.fillStyle = INK;
      pen.fillRect(1.5, 1.5, 1, 1);
      pen.fillRect(5.5, 5.5, 1, 1);
    }
    return pen.getImageData(0, 0, SIDE * 2, SIDE * 2);
  }

  function paint(map, element, gl, values) {
    var data = element.dataset;
    gl.addImage("theme-hatched", pattern(true), { pixelRatio: 2 });
    gl.addImage("theme-dotted", pattern(false), { pixelRatio: 2 });
    gl.addSource("theme", { type: "vector", tiles: [absolute(data.areas)], minzoom: Number(data.areasFrom), maxzoom: 14 });
    var before = gl.getLayer("village-line") ? "village-line" : undefined;
    quiet(gl, data.level);
    function layer(id, kind, paintOf, filter) {
      var made = { id: id, type: kind, source: "theme", "source-layer": "area", paint: paintOf };
      if (filter) made.filter = filter;
      gl.addLayer(made, before);
    }
    layer("theme-missing", "fill", { "fill-pattern": "theme-dotted" }, among([]));
    layer("theme-area", "fill", {
      "fill-color": ["coalesce", ["feature-state", "shade"], LAND],
      "fill-opacity": ["case", ["boolean", ["feature-state", "known"], false], 1, 0],
    });
    layer("theme-hidden", "fill", { "fill-pattern": "theme-hatched" }, among([]));
    layer("theme-line", "line", { "line-color": LINE, "line-width": 0.6 });
    if (!values.is_rate) circles(gl, values);
    join(gl, values);
    window.addEventListener("theme:period", function (event) { other(element, gl, values, event.detail); });
    follow(map, element, gl, values);
    gl.once("idle", function () {
      element.dataset.drawn = values.ids.length;
      tell(element, (data.wordDrawn || "").replace("{count}", values.ids.length.toLocaleString(element.lang || "id")));
    });
  }

  /* Gives each area its colour; regions without a value get their pattern. */
  function join(gl, values) {
    gl.setFilter("theme-missing", among(idsOf(values, values.missing)));
    gl.setFilter("theme-hidden", among(idsOf(values, values.hidden)));
    values.ids.forEach(function (id, place) {
      var number = values.classes[place];
      gl.setFeatureState({ source: "theme", sourceLayer: "area", id: id },
        { known: number >= 0, shade: values.is_rate && number >= 0 ? values.shades[number] : LAND });
    });
    if (!values.is_rate) gl.getSource("theme-places").setData(points(values));
  }

  /* The values of another period, while the slider moves. The classes are the same. */
  function other(element, gl, values, period) {
    var address = new URL(element.dataset.values, document.baseURI);
    address.searchParams.set("period", period);
    fetch(address, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).then(function (found) {
      Object.assign(values, found);
      join(gl, values);
      element.dataset.period = period;
    }).catch(function () { tell(element, element.dataset.wordFailed); });
  }

  /* Borders below the level that is shown are left out. */
  function quiet(gl, level) {
    var lower = { province: 3, regency: 2, district: 1, village: 0 }[level];
    ["village", "district", "regency"].slice(0, lower).forEach(function (one) {
      [one + "-line", one + "-undecided", one + "-name"].forEach(function (id) {
        if (gl.getLayer(id)) gl.setLayoutProperty(id, "visibility", "none");
      });
    });
  }

  function points(values) {
    var features = [];
    values.ids.forEach(function (id, place) {
      if (!values.radii[place] || !values.places[place]) return;
      features.push({ type: "Feature", id: id, properties: { radius: values.radii[place] },
        geometry: { type: "Point", coordinates: values.places[place] } });
    });
    return { type: "FeatureCollection", features: features };
  }
  function circles(gl, values) {
    gl.addSource("theme-places", { type: "geojson", data: points(values) });
    gl.addLayer({ id: "theme-circle", type: "circle", source: "theme-places",
      layout: { "circle-sort-key": ["-", 0, ["get", "radius"]] },
      paint: { "circle-radius": ["get", "radius"], "circle-color": CIRCLE, "circle-opacity": 0.8,
        "circle-stroke-color": "#fff", "circle-stroke-width": 1 } });
  }

  /* The region under the pointer: its name and value; a click opens the map of its parts. */
  function follow(map, element, gl, values) {
    var places = {}, tip = window.L.tooltip({ sticky: true }), shown = -1;
    values.ids.forEach(function (id, place) { places[id] = place; });
    function under(event) {
      var at = gl.project([event.latlng.lng, event.latlng.lat]);
      var found = gl.queryRenderedFeatures([at.x, at.y], { layers: ["theme-area"] })[0];
      return found && found.id in places ? places[found.id] : -1;
    }
    map.on("mousemove", function (event) {
      if (!gl.getLayer("theme-area")) return;
      var place = under(event);
      element.classList.toggle("is-hand", place >= 0 && Boolean(values.inside[place]));
      if (place < 0) { tip.remove(); shown = -1; return; }
      if (place !== shown) tip.setContent(described(element, values, place));
      shown = place;
      tip.setLatLng(event.latlng).addTo(map);
    });
    map.on("mouseout", function () { tip.remove(); shown = -1; });
    map.on("click", function (event) {
      var place = under(event);
      if (place >= 0 && values.inside[place]) location.assign("?" + values.inside[place]);
    });
  }

  function described(element, values, place) {
    var box = document.createElement("div"), title = document.createElement("b"), line = document.createElement("div");
    title.textContent = values.names[place];
    line.textContent = values.texts[place];
    box.append(title, line);
    if (values.inside[place]) {
      var more = document.createElement("small");
      more.textContent = element.dataset.wordInside || "";
      box.append(more);
    }
    return box;
  }

  /* Without WebGL2 Leaflet draws the outlines. */
  function plain(map, element, values) {
    return fetch(element.dataset.shapes, { credentials: "same-origin" }).then(function (answer) {
      return answer.json();
    }).then(function (found) {
      window.L.geoJSON(found, {
        style: function (feature) {
          var number = feature.properties["class"];
          return { color: LINE, weight: 0.8, fillOpacity: 1, dashArray: number < 0 ? "3 3" : null,
            fillColor: number >= 0 && values.is_rate ? values.shades[number] : number === values.missing ? "#D9D9D9" : "#fff" };
        },
        onEachFeature: function (feature, shape) {
          shape.bindTooltip(window.L.Util.template("{name}: {text}", { name: escaped(feature.properties.name), text: escaped(feature.properties.text) }), { sticky: true });
        },
      }).addTo(map);
      element.dataset.drawn = found.features.length;
    });
  }
  function escaped(text) {
    var box = document.createElement("span");
    box.textContent = text;
    return box.innerHTML;
  }
})();
