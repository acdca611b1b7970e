/** Points to pixels: 100,000 points in some 30 ms, without WebGL. */

/**
 * Draw points into an image whose row 0 is the bottom.
 *
 * The alpha of a pixel grows with the logarithm of the points in it, so that both lone points and crowds can be read.
 * @param {Float64Array} x pixel coordinates from the left; NaN and points outside are left out
 * @param {Float64Array} y pixel coordinates from the bottom
 * @param {{width: number, height: number, radius: number, mask: ?Uint8Array, colors: {point: number[], rest: number[],
 *   chosen: number[]}}} style `mask` marks the selected points; null draws all alike; colors are `[r, g, b]`
 * @returns {Uint32Array} RGBA, `width * height`
 */
export function splat(x, y, style) {
  const { width, height, radius, mask, colors } = style;
  const image = new Uint32Array(width * height);
  const offsets = disc(radius, width);
  paint(image, tally(x, y, style, offsets, mask, 0), mask ? colors.rest : colors.point, mask ? 0.55 : 1);
  if (mask) paint(image, tally(x, y, style, offsets, mask, 1), colors.chosen, 1);
  return image;
}

function disc(radius, width) {
  const offsets = [];
  const reach = Math.ceil(radius);
  for (let up = -reach; up <= reach; up += 1) {
    for (let right = -reach; right <= reach; right += 1) {
      if (right * right + up * up <= radius * radius + 0.3) offsets.push([right, up, up * width + right]);
    }
  }
  return offsets;
}

function tally(x, y, { width, height }, offsets, mask, wanted) {
  const counts = new Uint32Array(width * height);
  const reach = offsets.length ? -offsets[0][1] : 0;
  for (let index = 0; index < x.length; index += 1) {
    if (mask && mask[index] !== wanted) continue;
    const column = Math.floor(x[index]);
    const row = Math.floor(y[index]);
    if (column >= reach && column < width - reach && row >= reach && row < height - reach) {
      const at = row * width + column;
      for (const [, , step] of offsets) counts[at + step] += 1;
    } else if (column >= 0 && column < width && row >= 0 && row < height) {
      edge(counts, column, row, width, height, offsets);
    }
  }
  return counts;
}

function edge(counts, column, row, width, height, offsets) {
  for (const [right, up] of offsets) {
    const at = [column + right, row + up];
    if (at[0] >= 0 && at[0] < width && at[1] >= 0 && at[1] < height) counts[at[1] * width + at[0]] += 1;
  }
}

function paint(image, counts, [red, green, blue], strength) {
  let most = 0;
  for (let index = 0; index < counts.length; index += 1) if (counts[index] > most) most = counts[index];
  if (!most) return;
  const scale = 1 / Math.log1p(most);
  const base = (blue << 16) | (green << 8) | red;
  for (let index = 0; index < counts.length; index += 1) {
    if (!counts[index]) continue;
    const alpha = most === 1 ? 0.9 : 0.45 + 0.55 * Math.log1p(counts[index]) * scale;
    image[index] = ((Math.round(255 * alpha * strength) << 24) | base) >>> 0;
  }
}

/**
 * The radius of a point, in device pixels, that suits so many points.
 * @param {number} points
 * @param {number} ratio device pixels per CSS pixel
 * @returns {number}
 */
export function pointRadius(points, ratio) {
  const radius = points < 300 ? 3.5 : points < 3000 ? 2.4 : points < 20000 ? 1.5 : 0.8;
  return radius * Math.max(1, ratio * 0.8);
}
