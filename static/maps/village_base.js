/* The light base of the small maps at village scale: land and sea, borders, a grid with its scale in
   words, and names that stay in view. One canvas under the page's own marks; needs Leaflet and #village-base
   (maps/_village_base.html), neither WebGL2 nor another file. Roads and rivers of an imported extract come
   afterwards (village_lines.js), where there is one.

   VillageBase.draw(map, collection) -> handle
     collection  GeoJSON of villages in degrees: properties name, and claimed for the village that the map is
                 about; beside the features, where known, `sea` (a polygon), `office` ([lng, lat]) and `frame`
                 ([west, south, east, north]), at whose edges neighbours are cut off
     handle.bounds()      around all villages
     handle.claimed()     around the village that the map is about, else around all
     handle.remove()
   The container says in data-grid how many metres a square has (0: no grid), in data-lines how many lines of
   the extract are drawn.
   Over an online base map (BASE_MAP_TILES) land and sea are left out. */
(function () {
  "use strict";
  var L = window.L, holder = document.getElementById("village-base"), words = holder.dataset;
  var SEA = "#D3E3EF", LAND = "#E9EDE6", OURS = "#F8F6EA", BORDER = "#5F6D7A", OUR_BORDER = "#123669";
  // A square of the grid is the smallest of these widths that has so many pixels.
  var STEPS_M = [10, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000], LEAST_PX = 32;
  var MOST_GRID_M = 1000; // a wider square says nothing at village scale
  var METRES = 111320; // of a degree on the equator
  var CROSS_PX = 34, EDGE_PX = 6, LINE_PX = 20, MOST_AT_EDGES = 6, EDGES_FROM = 13, LEAST_AREA_PX = 900, MOST_NAMES = 60, SIMPLER_PX = 3;
  var OFFICE_FROM = 15, OFFICE_PX = 14;
  var FRAME_UNITS = 0.00002; // of 256 around the earth: 3 m
  var ARROWS = "→↘↓↙←↖↑↗";
  var lines = null; // the script of the extract, asked for once

  // --- the extract ---

  function extract() {
    lines = lines || window.portal.loadJson(words.layers).then(function (known) {
      if (!known.base) return null;
      return window.portal.loadScript(words.lines).then(function () {
        return { address: known.base, attribution: known.base_attribution };
      });
    });
    return lines;
  }

  // --- places in pixels ---

  /* Rings in pixels of zoom 0, so that a view is one multiplication and no projection. */
  function flat(polygons) {
    return polygons.map(function (rings) {
      return rings.map(function (ring) {
        return ring.map(function (place) { return L.CRS.EPSG3857.latLngToPoint(L.latLng(place[1], place[0]), 0); });
      });
    });
  }
  function polygonsOf(geometry) {
    if (!geometry) return [];
    if (geometry.type === "Polygon") return flat([geometry.coordinates]);
    return geometry.type === "MultiPolygon" ? flat(geometry.coordinates) : [];
  }
  function scaleOf(map) {
    var scale = Math.pow(2, map.getZoom()), origin = map.getPixelOrigin();
    return function (point) { return { x: point.x * scale - origin.x, y: point.y * scale - origin.y }; };
  }
  /* The width of a square in metres at this zoom. */
  function stepOf(map) {
    var centre = map.getCenter(), pixel = 40075017 * Math.cos(centre.lat * Math.PI / 180) / (256 * Math.pow(2, map.getZoom()));
    var found = STEPS_M.filter(function (one) { return one / pixel >= LEAST_PX; })[0] || STEPS_M[STEPS_M.length - 1];
    return { metres: found, pixels: found / pixel };
  }

  // --- the canvas: sea, land, lines of the extract, grid, borders ---

  var Ground = L.Renderer.extend({
    options: { pane: "ground", padding: 0.25 },
    initialize: function (villages, sea, frame) {
      L.Renderer.prototype.initialize.call(this);
      this._villages = villages;
      this._sea = sea;
      this._frame = frame;
    },
    _initContainer: function () { this._container = document.createElement("canvas"); },
    _destroyContainer: function () { this._container.remove(); delete this._container; },
    _onZoomEnd: function () {},
    setLines: function (source) {
      this._lines = source;
      this._update();
    },
    _update: function () {
      if (!this._map || (this._map._animatingZoom && this._bounds)) return;
      L.Renderer.prototype._update.call(this);
      var canvas = this._container, box = this._bounds, size = box.getSize(), ratio = Math.min(2, window.devicePixelRatio || 1);
      L.DomUtil.setPosition(canvas, box.min);
      canvas.width = size.x * ratio; canvas.height = size.y * ratio;
      canvas.style.width = size.x + "px"; canvas.style.height = size.y + "px";
      var ctx = canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      ctx.translate(-box.min.x, -box.min.y);
      ctx.lineJoin = ctx.lineCap = "round";
      this._paint(ctx, box);
    },
    _paint: function (ctx, box) {
      var map = this._map, at = scaleOf(map), villages = this._villages;
      if (!hasTiles(map)) {
        fill(ctx, at, this._sea, SEA);
        villages.forEach(function (one) { fill(ctx, at, one.polygons, one.isOurs ? OURS : LAND); });
      }
      var drawn = this._lines ? this._lines.paint(ctx, box, at) : 0;
      map.getContainer().dataset.lines = drawn;
      this._grid(ctx, box);
      // the village that the map is about last: its border lies over that of its neighbours
      var frame = this._frame;
      villages.forEach(function (one) { stroke(ctx, at, one, frame); });
      if (this._lines) this._lines.paintNames(ctx, box, at);
    },
    _grid: function (ctx, box) {
      var map = this._map, step = stepOf(map).metres;
      map.getContainer().dataset.grid = step <= MOST_GRID_M ? step : 0;
      if (step > MOST_GRID_M) return;
      // a line stays where it is while the map is moved: degrees of a rounded latitude, not of the view's
      var lat = step / METRES, lng = lat / Math.cos(Math.round(map.getCenter().lat * 10) / 10 * Math.PI / 180);
      var from = map.layerPointToLatLng([box.min.x, box.max.y]), to = map.layerPointToLatLng([box.max.x, box.min.y]), n;
      ctx.lineWidth = 1;
      function pen(number) { ctx.strokeStyle = step === 10 && number % 5 === 0 ? "rgba(18,54,105,.36)" : "rgba(18,54,105,.16)"; }
      for (n = Math.ceil(from.lng / lng); n * lng < to.lng; n++) {
        var x = Math.round(map.latLngToLayerPoint([from.lat, n * lng]).x) + 0.5;
        pen(n);
        ctx.beginPath(); ctx.moveTo(x, box.min.y); ctx.lineTo(x, box.max.y); ctx.stroke();
      }
      for (n = Math.ceil(from.lat / lat); n * lat < to.lat; n++) {
        var y = Math.round(map.latLngToLayerPoint([n * lat, from.lng]).y) + 0.5;
        pen(n);
        ctx.beginPath(); ctx.moveTo(box.min.x, y); ctx.lineTo(box.max.x, y); ctx.stroke();
      }
    },
  });
  function hasTiles(map) {
    var found = false;
    map.eachLayer(function (layer) { found = found || layer instanceof L.TileLayer; });
    return found;
  }
  function trace(ctx, at, polygons) {
    ctx.beginPath();
    polygons.forEach(function (rings) {
      rings.forEach(function (ring) {
        ring.forEach(function (point, i) { var p = at(point); ctx[i ? "lineTo" : "moveTo"](p.x, p.y); });
        ctx.closePath();
      });
    });
  }
  function fill(ctx, at, polygons, color) {
    trace(ctx, at, polygons);
    ctx.fillStyle = color;
    ctx.fill("evenodd");
  }
  /* The border, but not where a neighbour was cut off at the frame. */
  function stroke(ctx, at, village, frame) {
    ctx.beginPath();
    village.polygons.forEach(function (rings) {
      rings.forEach(function (ring) {
        var last = null;
        ring.forEach(function (point) {
          var p = at(point);
          if (last === null || (frame && !village.claimed && isOnEdge(last, point, frame))) ctx.moveTo(p.x, p.y); else ctx.lineTo(p.x, p.y);
          last = point;
        });
      });
    });
    ctx.strokeStyle = village.claimed ? OUR_BORDER : BORDER;
    ctx.lineWidth = village.claimed ? 3 : 1.5;
    ctx.stroke();
  }
  function isOnEdge(a, b, frame) {
    function same(n, m, side) { return Math.abs(n - side) < FRAME_UNITS && Math.abs(m - side) < FRAME_UNITS; }
    return [frame.min.x, frame.max.x].some(function (side) { return same(a.x, b.x, side); })
      || [frame.min.y, frame.max.y].some(function (side) { return same(a.y, b.y, side); });
  }

  // --- names ---

  /* Names in the part of each village that is in view; of neighbours out of view, at the edge towards them. */
  var Names = L.Layer.extend({
    initialize: function (villages, office) {
      this._villages = villages;
      this._office = office ? L.latLng(office[1], office[0]) : null;
    },
    onAdd: function (map) {
      this._box = L.DomUtil.create("div", "leaflet-zoom-hide", map.getPane("names"));
      map.on("moveend resize", this._place, this);
      this._place();
    },
    onRemove: function (map) {
      map.off("moveend resize", this._place, this);
      this._box.remove();
    },
    _place: function () {
      var map = this._map, size = map.getSize(), corner = map.containerPointToLayerPoint([0, 0]), scaled = scaleOf(map);
      if (!size.x || !size.y) return;
      var at = function (point) { var p = scaled(point); return { x: p.x - corner.x, y: p.y - corner.y }; };
      var taken = this._reserved(size), view = L.bounds([0, 0], [size.x, size.y - taken.foot]), box = this._box, unseen = [];
      var room = { left: EDGE_PX, top: EDGE_PX, right: size.x - EDGE_PX, bottom: view.max.y - EDGE_PX, middle: { x: size.x / 2, y: size.y / 2 } };
      box.textContent = "";
      L.DomUtil.setPosition(box, corner);
      if (this._office && map.getZoom() >= OFFICE_FROM) landmark(box, map.latLngToContainerPoint(this._office), room, taken);
      var seen = this._villages.map(function (one) {
        var rings = clipped(one, at, view);
        if (!rings.length) unseen.push(one);
        return { village: one, rings: rings, area: areaOf(rings) };
      }).filter(function (one) { return one.rings.length; });
      seen.sort(function (a, b) { return (b.village.claimed ? 1 : 0) - (a.village.claimed ? 1 : 0) || b.area - a.area; });
      var isAlone = seen.length === 1;
      seen.slice(0, MOST_NAMES).forEach(function (one) {
        var label = made(box, one.village.name, one.village.claimed), wide = label.offsetWidth, high = label.offsetHeight;
        var holdsMiddle = isInside(one.rings, room.middle);
        var spot = isAlone || one.area >= LEAST_AREA_PX || holdsMiddle ? roomFor(one.rings, room, wide, high, taken, isAlone) : null;
        if (!spot && holdsMiddle) spot = { x: room.middle.x, y: EDGE_PX + high / 2 }; // where one is, is always said
        if (!spot) { label.remove(); return; }
        put(label, spot, wide, high, taken);
      });
      if (map.getZoom() >= EDGES_FROM) this._atEdges(unseen, at, room, taken);
    },
    /* Where no name may lie: controls and the cross; `foot` is the height of what lies below. */
    _reserved: function (size) {
      var c = { x: size.x / 2, y: size.y / 2 }, box = this._map.getContainer(), outer = box.getBoundingClientRect(), found = [];
      box.querySelectorAll(".leaflet-control").forEach(function (one) {
        var r = one.getBoundingClientRect();
        if (r.width) found.push({ left: r.left - outer.left, right: r.right - outer.left, top: r.top - outer.top, bottom: r.bottom - outer.top });
      });
      if (box.parentNode.querySelector(".crosshair")) {
        found.push({ left: c.x - CROSS_PX, right: c.x + CROSS_PX, top: c.y - CROSS_PX, bottom: c.y + CROSS_PX });
      }
      found.foot = found.reduce(function (most, one) { return one.top > c.y ? Math.max(most, size.y - one.top) : most; }, 0);
      return found;
    },
    _atEdges: function (unseen, at, room, taken) {
      var box = this._box, middle = room.middle;
      unseen.map(function (one) { return Object.assign({ village: one }, nearest(one, at, middle)); })
        .sort(function (a, b) { return a.distance - b.distance; }).slice(0, MOST_AT_EDGES)
        .forEach(function (one) {
          var dx = one.x - middle.x, dy = one.y - middle.y;
          var arrow = ARROWS.charAt((Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) + 8) % 8);
          var label = made(box, arrow + " " + one.village.name, one.village.claimed);
          label.classList.add("is-beyond");
          var wide = label.offsetWidth, high = label.offsetHeight, down = dy > 0 ? room.bottom - middle.y : middle.y - room.top;
          var reach = Math.min((middle.x - EDGE_PX - wide / 2) / (Math.abs(dx) || 1), (down - high / 2) / (Math.abs(dy) || 1));
          var spot = slide({ x: middle.x + dx * reach, y: middle.y + dy * reach }, room, wide, high, taken);
          if (spot) put(label, spot, wide, high, taken); else label.remove();
        });
    },
  });
  /* A known place near the house, from where the office is a landmark and not the whole village. */
  function landmark(box, spot, room, taken) {
    var side = OFFICE_PX, beside = side / 2 + 2;
    if (spot.x < room.left || spot.x > room.right || spot.y < room.top || spot.y > room.bottom) return;
    var mark = document.createElement("span");
    mark.className = "village-office";
    box.append(mark);
    put(mark, spot, side, side, taken);
    var label = made(box, words.office, false), wide = label.offsetWidth, high = label.offsetHeight;
    var found = [[beside + wide / 2, 0], [-beside - wide / 2, 0], [0, beside + high / 2], [0, -beside - high / 2], [0, CROSS_PX + high], [0, -CROSS_PX - high]]
      .map(function (by) { return { x: spot.x + by[0], y: spot.y + by[1] }; })
      .filter(function (one) { return isFree(one, room, wide, high, taken); })[0];
    if (found) put(label, found, wide, high, taken); else label.remove();
  }
  function made(box, text, isClaimed) {
    var label = document.createElement("span");
    label.className = "village-name" + (isClaimed ? " is-claimed" : "");
    label.textContent = text;
    box.append(label);
    return label;
  }
  function put(label, spot, wide, high, taken) {
    label.style.left = Math.round(spot.x - wide / 2) + "px";
    label.style.top = Math.round(spot.y - high / 2) + "px";
    taken.push(around(spot, wide, high));
  }
  function around(spot, wide, high) {
    return { left: spot.x - wide / 2, right: spot.x + wide / 2, top: spot.y - high / 2, bottom: spot.y + high / 2 };
  }
  function isFree(spot, room, wide, high, taken) {
    var box = around(spot, wide, high);
    if (box.left < room.left - 1 || box.top < room.top - 1 || box.right > room.right + 1 || box.bottom > room.bottom + 1) return false;
    return !taken.some(function (one) {
      return box.left < one.right + 1 && box.right > one.left - 1 && box.top < one.bottom + 1 && box.bottom > one.top - 1;
    });
  }
  /* The next free place along the edge, at most some names further. */
  function slide(spot, room, wide, high, taken) {
    var isUpright = spot.x - wide / 2 <= room.left + 1 || spot.x + wide / 2 >= room.right - 1;
    for (var n = 0; n < 12; n++) {
      var by = Math.ceil(n / 2) * LINE_PX * (n % 2 ? 1 : -1), moved = isUpright ? { x: spot.x, y: spot.y + by } : { x: spot.x + 3 * by, y: spot.y };
      if (isFree(moved, room, wide, high, taken)) return moved;
    }
    return null;
  }
  function clipped(village, at, view) {
    var found = [];
    village.polygons.forEach(function (rings) {
      rings.forEach(function (ring) {
        var part = L.PolyUtil.clipPolygon(ring.map(function (point) { var p = at(point); return L.point(p.x, p.y); }), view, false);
        // a name needs no bend of some pixels: a tenth of the corners, of the time on a slow phone
        if (part.length > 8) part = L.LineUtil.simplify(part, SIMPLER_PX);
        if (part.length > 2) found.push(part);
      });
    });
    return found;
  }
  function areaOf(rings) {
    return rings.reduce(function (sum, ring) {
      var area = 0;
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) area += (ring[j].x - ring[i].x) * (ring[j].y + ring[i].y) / 2;
      return sum + Math.abs(area);
    }, 0);
  }
  function isInside(rings, p) {
    var found = false;
    rings.forEach(function (ring) {
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        if (ring[i].y > p.y !== ring[j].y > p.y && p.x < (ring[j].x - ring[i].x) * (p.y - ring[i].y) / (ring[j].y - ring[i].y) + ring[i].x) found = !found;
      }
    });
    return found;
  }
  function toEdge(rings, p) {
    var least = Infinity;
    rings.forEach(function (ring) {
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) least = Math.min(least, L.LineUtil.pointToSegmentDistance(p, ring[j], ring[i]));
    });
    return least;
  }
  /* The middle of the roomiest free place inside; where the village fills the view, at its upper edge. */
  function roomFor(rings, room, wide, high, taken, isAlone) {
    var box = L.bounds(rings[0]), best = null, most = -1, across = 9, down = 9;
    rings.slice(1).forEach(function (ring) { box.extend(L.bounds(ring)); });
    if (isAlone) {
      var top = { x: room.middle.x, y: room.top + high / 2 };
      if (isInside(rings, L.point(top.x, top.y)) && isFree(top, room, wide, high, taken)) return top;
    }
    var middle = box.getCenter(), span = box.getSize();
    for (var i = 1; i < across; i++) {
      for (var j = 1; j < down; j++) {
        var p = L.point(box.min.x + span.x * i / across, box.min.y + span.y * j / down);
        if (!isFree(p, room, wide, high, taken) || !isInside(rings, p)) continue;
        var worth = Math.min(toEdge(rings, p), wide / 2 + high) - 0.1 * p.distanceTo(middle);
        if (best === null || worth > most) { most = worth; best = p; }
      }
    }
    return best;
  }
  /* The place of a village's border that is nearest to the middle of the view. */
  function nearest(village, at, middle) {
    var best = { distance: Infinity, x: 0, y: 0 }, from = L.point(middle.x, middle.y);
    village.polygons.forEach(function (rings) {
      var ring = rings[0].map(function (point) { var p = at(point); return L.point(p.x, p.y); });
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        var p = L.LineUtil.closestPointOnSegment(from, ring[j], ring[i]), distance = p.distanceTo(from);
        if (distance < best.distance) best = { distance: distance, x: p.x, y: p.y };
      }
    });
    return best;
  }

  // --- the scale in words ---

  var Scale = L.Control.extend({
    options: { position: "topright" },
    onAdd: function (map) {
      this._box = L.DomUtil.create("div", "grid-scale");
      this._bar = L.DomUtil.create("span", "grid-scale__bar", this._box);
      this._text = L.DomUtil.create("span", "", this._box);
      map.on("moveend zoomend", this._say, this);
      this._map = map;
      this._say();
      return this._box;
    },
    onRemove: function (map) { map.off("moveend zoomend", this._say, this); },
    _say: function () {
      var step = stepOf(this._map), inKm = step.metres >= 1000, n = inKm ? step.metres / 1000 : step.metres;
      var distance = n.toLocaleString(words.language) + (inKm ? " km" : " m");
      this._bar.style.width = Math.round(step.pixels) + "px";
      this._text.textContent = step.metres > MOST_GRID_M ? distance : window.portal.fill(words.square, { distance: distance });
    },
  });

  // --- one map ---

  function corners(frame) { return [[frame[0], frame[1]], [frame[2], frame[3]]]; }

  function draw(map, collection) {
    var villages = collection.features.map(function (one) {
      return { name: one.properties.name, claimed: Boolean(one.properties.claimed), polygons: polygonsOf(one.geometry) };
    });
    villages.sort(function (a, b) { return Number(a.claimed) - Number(b.claimed); });
    var isAboutOne = villages.some(function (one) { return one.claimed; });
    villages.forEach(function (one) { one.isOurs = one.claimed || !isAboutOne; });
    [["ground", 250], ["names", 395]].forEach(function (one) {
      var pane = map.getPane(one[0]) || map.createPane(one[0]);
      pane.style.zIndex = one[1];
      pane.style.pointerEvents = "none";
    });
    map.getContainer().classList.add("has-village-base");
    var frame = collection.frame ? L.bounds(flat([[corners(collection.frame)]])[0][0].map(function (one) { return [one.x, one.y]; })) : null;
    var scale = new Scale().addTo(map), ground = new Ground(villages, polygonsOf(collection.sea), frame).addTo(map);
    var names = new Names(villages, collection.office).addTo(map);
    extract().then(function (base) {
      if (!base || !ground._map) return;
      window.portal.attribute(map, base.attribution);
      names._place(); // the line below may be higher now
      ground.setLines(new window.VillageLines(base.address, map, function () { ground._update(); }));
    }).catch(function () { /* the map is complete without them */ });
    function around(chosen) {
      var found = L.latLngBounds([]);
      L.geoJSON(chosen).eachLayer(function (one) { if (one.getBounds) found.extend(one.getBounds()); });
      return found;
    }
    return {
      bounds: function () { return around(collection.features); },
      claimed: function () {
        var ours = collection.features.filter(function (one) { return one.properties.claimed; });
        return around(ours.length ? ours : collection.features);
      },
      remove: function () {
        [ground, names, scale].forEach(function (one) { one.remove(); });
      },
    };
  }
  window.VillageBase = { draw: draw };
})();
