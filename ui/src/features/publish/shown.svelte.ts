/** Whether the properties of the message that is written are open: the same for all profiles, until the window is closed. */
export const shown = $state({ properties: false });
