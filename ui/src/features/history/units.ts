/** The units of limits, as a person reads them. */
import { m } from '$src/i18n';
import { AGE_UNITS, BYTE_UNITS, COUNT_UNITS } from '$src/lib/limits';

export interface UnitOption {
  value: number;
  label: string;
}

export function byteUnits(): UnitOption[] {
  const names = ['MiB', 'GiB'];
  return BYTE_UNITS.map((value, at) => ({ value, label: names[at] ?? '' }));
}

export function ageUnits(): UnitOption[] {
  const names = [m.limit_unit_minutes(), m.limit_unit_hours(), m.limit_unit_days()];
  return AGE_UNITS.map((value, at) => ({ value, label: names[at] ?? '' }));
}

export function countUnits(): UnitOption[] {
  return COUNT_UNITS.map((value) => ({ value, label: m.limit_unit_messages() }));
}
