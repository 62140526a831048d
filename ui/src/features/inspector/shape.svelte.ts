/** Whether JSON is shown as text or as a tree: the same for all messages, until the window is closed. */
export const shape = $state<{ value: 'text' | 'tree' }>({ value: 'text' });
