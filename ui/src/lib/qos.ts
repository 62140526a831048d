/** The choices of a Quality of Service; the first names what is chosen, the others are short. */
export const QOS_OPTIONS: readonly { value: 0 | 1 | 2; label: string }[] = [
  { value: 0, label: 'QoS 0' },
  { value: 1, label: '1' },
  { value: 2, label: '2' },
];
