/** Causes and fixes in words. */
import type { Cause, Fix } from '$src/bindings/engine';

export const causeWords = (cause: Cause): string => cause.message;
export const apartWords = (cause: Cause): string => cause.told_apart;
export const fixWords = (fix: Fix): string => fix.message;
