// Line icons, drawn for 20 by 20; hidden from screen readers, since what they stand on has a name.

const PATHS = {
  send: 'M3.5 10h11M10 4.5l5.5 5.5-5.5 5.5',
  reroll: 'M15.8 8A6.2 6.2 0 0 0 4.6 6.6L3.5 8M3.5 4v4h4M4.2 12a6.2 6.2 0 0 0 11.2 1.4l1.1-1.4m0 4v-4h-4',
  edit: 'M12.6 4.3l3.1 3.1M4 16l.7-3.6 8.6-8.6a1.4 1.4 0 0 1 2 0l.9.9a1.4 1.4 0 0 1 0 2l-8.6 8.6L4 16z',
  keep: 'M10 3l2.1 4.4 4.9.6-3.6 3.3 1 4.8L10 13.7l-4.4 2.4 1-4.8L3 8l4.9-.6z',
  direct: 'M10 3.5v8.5m0 0l-3.5-3.5M10 12l3.5-3.5M4 15.5h12',
  remove: 'M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.7 10.5h7.6l.7-10.5M8.5 8.5v4.5m3-4.5v4.5',
  cancel: 'M5 5l10 10M15 5L5 15',
  close: 'M5 5l10 10M15 5L5 15',
  copy: 'M7.5 7.5h8v8.5h-8zM12.5 7.5V4h-8v8.5h3',
  lineage:
    'M5 5.5v9M5 10h4.5a3 3 0 0 0 3-3M5 5.5a1.5 1.5 0 1 0 0-.01M5 16a1.5 1.5 0 1 0 0-.01M12.5 5.5a1.5 1.5 0 1 0 0-.01',
  smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.2 11.5a3.2 3.2 0 0 0 5.6 0M7.6 8h.01M12.4 8h.01',
  brush: 'M16.5 3.5l-7 7.5m0 0a3 3 0 0 1 1 2.2c0 2.3-2 3.3-6.5 3.3 1.2-1.2 1-2 1.1-3.2A3 3 0 0 1 9.500 11z',
  gallery: 'M3.500 4.500h13v11h-13zM3.500 13l3.800-3.600 3 2.800 2.200-2 4 3.600M12.800 7.800h.01',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.500v1.500M10 16v1.500M2.500 10H4M16 10h1.500M4.700 4.700l1 1M14.300 14.300l1 1M4.700 15.300l1-1M14.300 5.700l1-1',
  moon: 'M16 11.800A6.500 6.500 0 0 1 8.200 4 6.500 6.500 0 1 0 16 11.800z',
  sliders: 'M3.500 6h7M14.500 6h2M12.500 4v4M3.500 14h2M9.500 14h7M7.500 12v4',
  menu: 'M3.500 6h13M3.500 10h13M3.500 14h13',
  down: 'M10 4v12m0 0l-5-5m5 5l5-5',
  left: 'M12.500 4.500L7 10l5.500 5.500',
  right: 'M7.500 4.500L13 10l-5.500 5.500',
  eye: 'M3 3l14 14M8.300 8.400a2.300 2.300 0 0 0 3.300 3.300M6 5.800C4.300 6.800 3 8.400 2.500 10c1 3 4 5 7.500 5 1.300 0 2.600-.3 3.700-.8M9 5.100c4-.5 7.500 1.700 8.500 4.900-.3.900-.8 1.700-1.400 2.400',
  lock: 'M6.500 9V6.800a3.500 3.500 0 0 1 7 0V9M5 9h10v7.500H5z',
  chart: 'M3.500 16.500h13M5.500 13.500v-4M10 13.500v-9M14.500 13.500v-6',
  log: 'M5 3.500h10v13H5zM7.500 7h5M7.500 10h5M7.500 13h3',
  pause: 'M7 4.500v11M13 4.500v11',
  play: 'M6.500 4.500l8.500 5.500-8.500 5.500z',
  up: 'M10 16V4m0 0L5.500 8.500M10 4l4.500 4.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, isFilled = false }: { name: IconName; isFilled?: boolean }) {
  return (
    <svg class={isFilled ? 'icon filled' : 'icon'} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Brand() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" class="brand-ground" />
      <path d="M16 5v3M10.2 27 16 8l5.8 19M7 22.5h18" class="brand-legs" />
      <rect x="8.6" y="9.5" width="14.8" height="10.2" rx="1.8" class="brand-canvas" />
      <path d="m9.8 18.4 4-4.6 3 3 2.2-2 3.4 3.6z" class="brand-hill" />
      <circle cx="19.6" cy="12.6" r="1.3" class="brand-sun" />
    </svg>
  );
}
