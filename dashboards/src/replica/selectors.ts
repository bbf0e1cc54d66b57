/** The chosen replica, and all of its target. */
export const THIS = 'target="$target", replica="$replica"';
export const FLEET = 'target="$target"';

/** Labels of an answer about the chosen replica. */
export const BY = 'target, replica';
