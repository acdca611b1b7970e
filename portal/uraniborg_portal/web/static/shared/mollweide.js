/** The Mollweide projection of the whole sky, east to the left, right ascension 0 in the middle. */

const RADIANS = Math.PI / 180;

/** Half width and half height of the ellipse, in the projection's own units. */
export const HALF_WIDTH = 2 * Math.SQRT2;
export const HALF_HEIGHT = Math.SQRT2;

/**
 * Project positions.
 * @param {ArrayLike<number>} ra degrees
 * @param {ArrayLike<number>} dec degrees
 * @returns {{x: Float64Array, y: Float64Array}} NaN where a coordinate is NaN
 */
export function project(ra, dec) {
  const x = new Float64Array(ra.length);
  const y = new Float64Array(ra.length);
  for (let index = 0; index < ra.length; index += 1) {
    const theta = auxiliary(dec[index] * RADIANS);
    const longitude = ra[index] - 360 * Math.round(ra[index] / 360);
    x[index] = (-HALF_WIDTH * longitude * Math.cos(theta)) / 180;
    y[index] = HALF_HEIGHT * Math.sin(theta);
  }
  return { x, y };
}

function auxiliary(latitude) {
  if (Math.abs(Math.abs(latitude) - Math.PI / 2) < 1e-9) return latitude;
  const wanted = Math.PI * Math.sin(latitude);
  let theta = latitude;
  for (let step = 0; step < 30; step += 1) {
    const slope = 2 + 2 * Math.cos(2 * theta);
    const change = (2 * theta + Math.sin(2 * theta) - wanted) / Math.max(slope, 1e-9);
    theta -= change;
    if (Math.abs(change) < 1e-7) break;
  }
  return theta;
}

/**
 * Meridians every 30 degrees and parallels every 30 degrees.
 * @returns {{xs: number[][], ys: number[][]}}
 */
export function graticule() {
  const xs = [];
  const ys = [];
  const add = (ra, dec) => {
    const { x, y } = project(ra, dec);
    xs.push([...x]);
    ys.push([...y]);
  };
  const latitudes = Array.from({ length: 91 }, (_, step) => -90 + 2 * step);
  for (let ra = -150; ra < 180; ra += 30) add(latitudes.map(() => ra), latitudes);
  for (let dec = -60; dec <= 60; dec += 30) {
    const longitudes = Array.from({ length: 73 }, (_, step) => -179.999 + (359.998 * step) / 72);
    add(longitudes, longitudes.map(() => dec));
  }
  return { xs, ys };
}

/**
 * The edge of the map.
 * @returns {{x: number[], y: number[]}}
 */
export function outline() {
  const turns = Array.from({ length: 181 }, (_, step) => (step * Math.PI) / 90);
  return { x: turns.map((turn) => HALF_WIDTH * Math.cos(turn)), y: turns.map((turn) => HALF_HEIGHT * Math.sin(turn)) };
}

/**
 * A small circle on the sky.
 * @param {number} ra degrees
 * @param {number} dec degrees
 * @param {number} radius degrees
 * @returns {{ra: number[], dec: number[]}}
 */
export function circle(ra, dec, radius) {
  const points = Array.from({ length: 121 }, (_, step) => (step * Math.PI) / 60);
  const [d0, r] = [dec * RADIANS, radius * RADIANS];
  const result = { ra: [], dec: [] };
  for (const angle of points) {
    const sine = Math.sin(d0) * Math.cos(r) + Math.cos(d0) * Math.sin(r) * Math.cos(angle);
    const east = Math.atan2(Math.sin(angle) * Math.sin(r) * Math.cos(d0), Math.cos(r) - Math.sin(d0) * sine);
    result.ra.push((((ra + east / RADIANS) % 360) + 360) % 360);
    result.dec.push(Math.asin(sine) / RADIANS);
  }
  return result;
}
