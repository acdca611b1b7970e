/** The icons of the cards: an armillary sphere for the instruments, stars for the catalogs. */

import { LabIcon } from '@jupyterlab/ui-components';

const frame = (inside: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" height="48" fill="none"
  stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">${inside}</svg>`;

const star = (x: number, y: number, r: number): string =>
  `<circle class="jp-icon3" fill="#616161" stroke="none" cx="${x}" cy="${y}" r="${r}"/>`;

export const catalogIcon = new LabIcon({
  name: 'uraniborg:catalog',
  svgstr: frame(
    '<ellipse class="jp-icon-brand1" stroke="#1565c0" cx="24" cy="24" rx="21" ry="13"/>' +
      '<path class="jp-icon-brand1" stroke="#1565c0" d="M24 11v26M13 13c-5 7-5 15 0 22M35 13c5 7 5 15 0 22M3 24h42" stroke-width="1.2"/>' +
      star(17, 19, 2.8) + star(29, 28, 3.4) + star(33, 18, 2) + star(14, 29, 1.8) + star(22, 31, 1.5)
  )
});

export const instrumentIcon = new LabIcon({
  name: 'uraniborg:instrument',
  svgstr: frame(
    '<circle class="jp-icon-brand1" stroke="#1565c0" cx="24" cy="21" r="16"/>' +
      '<ellipse class="jp-icon-brand1" stroke="#1565c0" cx="24" cy="21" rx="16" ry="5.5"/>' +
      '<ellipse class="jp-icon3" stroke="#616161" cx="24" cy="21" rx="16" ry="5.5" transform="rotate(64 24 21)"/>' +
      star(24, 21, 3) +
      '<path class="jp-icon3" stroke="#616161" d="M24 37v6M15 45h18"/>'
  )
});
