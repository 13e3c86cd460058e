/* Roads, railways and rivers of the imported extract on the canvas of village_base.js, read from their
   vector tiles. MapLibre would draw them too, but a phone in a village would load 440 kB for it and needs
   WebGL2; this is loaded only where an extract was imported.

   new VillageLines(address, map, changed)   address of the tiles with {z}/{x}/{y}; changed() is called when
                                             another tile has come
     .paint(ctx, box, at) -> number of lines drawn    box: the canvas in Leaflet's layer pixels;
     .paintNames(ctx, box, at)                        at: pixels of zoom 0 to layer pixels */
(function () {
  "use strict";
  var MOST_TILE_ZOOM = 14, MOST_TILES = 60, MOST_AT_ONCE = 12;
  var NAMES_FROM = 15; // Leaflet's zoom
  var LOOKS = {
    river: { color: "#8FB6D6" },
    rail: { color: "#7A858F", dash: [8, 5] },
    road: { color: "#FFFFFF", casing: "#A39B86" },
  };
  var ORDER = ["river", "rail", "road"];

  // --- a vector tile (MVT 2.1): what its layer `line` has ---

  function Reader(bytes) { this.bytes = bytes; this.at = 0; this.text = new TextDecoder(); }
  Reader.prototype.number = function () {
    var value = 0, factor = 1, byte;
    do { byte = this.bytes[this.at++]; value += (byte & 127) * factor; factor *= 128; } while (byte > 127);
    return value;
  };
  Reader.prototype.part = function () {
    var length = this.number(), from = this.at;
    this.at += length;
    return this.bytes.subarray(from, this.at);
  };
  /* Calls `take(field, reader)` for each field; a field that is not read is passed over. */
  function eachField(bytes, take) {
    var reader = new Reader(bytes);
    while (reader.at < bytes.length) {
      var tag = reader.number(), before = reader.at;
      take(Math.floor(tag / 8), reader);
      if (reader.at === before) pass(reader, tag & 7);
    }
  }
  function pass(reader, kind) {
    if (kind === 0) reader.number();
    else if (kind === 2) reader.part();
    else reader.at += kind === 1 ? 8 : 4;
  }
  function numbers(bytes) {
    var reader = new Reader(bytes), found = [];
    while (reader.at < bytes.length) found.push(reader.number());
    return found;
  }
  function valueOf(bytes) {
    var value = null;
    eachField(bytes, function (field, reader) {
      if (field === 1) value = reader.text.decode(reader.part());
      else if (field === 4 || field === 5) value = reader.number();
      else if (field === 6) value = signed(reader.number());
    });
    return value;
  }
  function signed(n) { return n % 2 ? -(n + 1) / 2 : n / 2; }
  function partsOf(steps) {
    var parts = [], x = 0, y = 0, i = 0;
    while (i < steps.length) {
      var command = steps[i] & 7, count = steps[i] >> 3;
      i++;
      for (; count > 0 && command !== 7; count--, i += 2) {
        x += signed(steps[i]); y += signed(steps[i + 1]);
        if (command === 1) parts.push([]);
        parts[parts.length - 1].push([x, y]);
      }
    }
    return parts;
  }
  /* The lines of a tile in pixels of zoom 0. */
  function read(buffer, tile) {
    var found = [];
    eachField(new Uint8Array(buffer), function (field, outer) {
      if (field !== 3) return;
      var features = [], keys = [], values = [], extent = 4096;
      eachField(outer.part(), function (inner, reader) {
        if (inner === 2) features.push(reader.part());
        else if (inner === 3) keys.push(reader.text.decode(reader.part()));
        else if (inner === 4) values.push(valueOf(reader.part()));
        else if (inner === 5) extent = reader.number();
      });
      features.forEach(function (bytes) { found.push(lineOf(bytes, keys, values, extent, tile)); });
    });
    return found;
  }
  function lineOf(bytes, keys, values, extent, tile) {
    var line = { parts: [] }, side = 256 / Math.pow(2, tile.z);
    eachField(bytes, function (field, reader) {
      if (field === 2) {
        var tags = numbers(reader.part());
        for (var i = 0; i < tags.length; i += 2) line[keys[tags[i]]] = values[tags[i + 1]];
      } else if (field === 4) {
        line.parts = partsOf(numbers(reader.part())).map(function (part) {
          return part.map(function (p) { return { x: (tile.x + p[0] / extent) * side, y: (tile.y + p[1] / extent) * side }; });
        });
      }
    });
    return line;
  }

  // --- tiles of the view ---

  function VillageLines(address, map, changed) {
    this.address = address;
    this.map = map;
    this.changed = changed;
    this.tiles = new Map();
  }
  VillageLines.prototype._tilesOf = function (box) {
    var z = Math.max(0, Math.min(MOST_TILE_ZOOM, Math.floor(this.map.getZoom()) - 1)), found = [];
    var side = 256 * Math.pow(2, this.map.getZoom() - z), origin = this.map.getPixelOrigin(), last = Math.pow(2, z) - 1;
    var least = function (n) { return Math.max(0, Math.floor(n / side)); }, most = function (n) { return Math.min(last, Math.floor(n / side)); };
    for (var x = least(box.min.x + origin.x); x <= most(box.max.x + origin.x); x++) {
      for (var y = least(box.min.y + origin.y); y <= most(box.max.y + origin.y); y++) found.push({ z: z, x: x, y: y });
    }
    return found.slice(0, MOST_AT_ONCE);
  };
  VillageLines.prototype._lines = function (box) {
    return this._tilesOf(box).reduce(function (all, tile) { return all.concat(this._linesOf(tile)); }.bind(this), []);
  };
  VillageLines.prototype._linesOf = function (tile) {
    var key = tile.z + "/" + tile.x + "/" + tile.y, tiles = this.tiles, changed = this.changed;
    if (tiles.has(key)) return tiles.get(key);
    if (tiles.size > MOST_TILES) tiles.clear();
    tiles.set(key, []);
    fetch(this.address.replace("{z}/{x}/{y}", key), { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.arrayBuffer();
    }).then(function (buffer) {
      tiles.set(key, read(buffer, tile));
      changed();
    }).catch(function () { tiles.delete(key); }); // asked again at the next move
    return [];
  };

  // --- drawing ---

  VillageLines.prototype.paint = function (ctx, box, at) {
    var all = this._lines(box), near = Math.max(0, Math.min(1, (this.map.getZoom() - 8) / 9));
    function width(line) { return 1 + near * (6 - 1.5 * (line.rank || 0)) + (line.kind === "road" ? near : 0); }
    function pens(kind, color, more, dash) {
      ctx.strokeStyle = color;
      ctx.setLineDash(dash || []);
      all.forEach(function (line) {
        if (line.kind !== kind) return;
        ctx.lineWidth = Math.max(1, width(line)) + more;
        ctx.beginPath();
        line.parts.forEach(function (part) {
          part.forEach(function (point, i) { var p = at(point); ctx[i ? "lineTo" : "moveTo"](p.x, p.y); });
        });
        ctx.stroke();
      });
    }
    ORDER.forEach(function (kind) {
      var look = LOOKS[kind];
      if (look.casing) pens(kind, look.casing, 2);
      pens(kind, look.color, 0, look.dash);
    });
    ctx.setLineDash([]);
    return all.length;
  };
  /* Each name once, on the longest straight piece of its lines. */
  VillageLines.prototype.paintNames = function (ctx, box, at) {
    if (this.map.getZoom() < NAMES_FROM) return;
    var best = new Map();
    this._lines(box).forEach(function (line) {
      if (!line.name) return;
      line.parts.forEach(function (part) {
        for (var i = 1; i < part.length; i++) {
          var piece = inView(at(part[i - 1]), at(part[i]), box);
          if (piece && (!best.has(line.name) || best.get(line.name).length < piece.length)) best.set(line.name, piece);
        }
      });
    });
    ctx.font = "12px system-ui, sans-serif";
    ctx.textAlign = "center"; ctx.textBaseline = "middle";
    best.forEach(function (piece, name) {
      if (ctx.measureText(name).width > piece.length) return;
      ctx.save();
      ctx.translate(piece.x, piece.y);
      ctx.rotate(piece.angle);
      ctx.lineWidth = 3; ctx.strokeStyle = "#fff"; ctx.fillStyle = "#3F4A55";
      ctx.strokeText(name, 0, 0); ctx.fillText(name, 0, 0);
      ctx.restore();
    });
  };
  function inView(a, b, box) {
    var piece = window.L.LineUtil.clipSegment(window.L.point(a.x, a.y), window.L.point(b.x, b.y), box, false);
    if (!piece) return null;
    var p = piece[0], q = piece[1], angle = Math.atan2(q.y - p.y, q.x - p.x);
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle <= -Math.PI / 2) angle += Math.PI;
    return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2, length: p.distanceTo(q), angle: angle };
  }

  window.VillageLines = VillageLines;
})();
