/**
 * The class of a text that only goes on with what was asked before ("shorter", "and in Java?"): whoever reads the head
 * gives its share to what came before. No class that routes has this name.
 */
export const goesOn = '(goes on)';
