/** What can be done with what is chosen in the list: one profile, one folder, or several of both. */
import type { Colour, Node, ProfileId } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { shortcut } from '$src/lib/shortcut';
import { app } from '$src/state/app.svelte';
import { keyOf } from '$src/state/tree';

/** The keys that show two profiles side by side. */
export const SIDES_KEYS = 'Mod+Shift+S';

export interface Action {
  label: string;
  testid: string;
  /** The keys that do it too. */
  keys?: string;
  danger?: boolean;
  run: () => void;
}

export interface Menu {
  label: string;
  /** Begins the test ids of its colours. */
  testid: string;
  groups: Action[][];
  /** Undefined where several differ. */
  colour: Colour | null | undefined;
  paint: (colour: Colour | null) => void;
  /** Behind the colours: what takes something away. */
  last: Action[];
}

const { outline, profiles, sessions } = app;
const attempt = (action: () => Promise<unknown>) => void app.attempt(action);

/** The menu for what is chosen; none where nothing is. */
export function menuForChosen(): Menu | null {
  const [node, ...more] = outline.nodes;
  if (!node) return null;
  if (more.length > 0) return severalMenu();
  return node.kind === 'profile' ? profileMenu(node.id) : folderMenu(node);
}

function common(colours: (Colour | null)[]): Pick<Menu, 'colour' | 'paint'> {
  const [first] = colours;
  return {
    colour: colours.every((colour) => colour === first) ? (first ?? null) : undefined,
    paint: (colour) => attempt(() => outline.paint(colour)),
  };
}

const colourOf = (node: Node) =>
  node.kind === 'folder' ? node.colour : (profiles.byId(node.id)?.colour ?? null);

function profileMenu(id: ProfileId): Menu {
  const profile = profiles.byId(id);
  const session: Action = sessions.isOpen(id)
    ? {
        label: m.profiles_disconnect(),
        testid: 'profile-disconnect',
        run: () => attempt(() => sessions.disconnect(id)),
      }
    : {
        label: m.profiles_connect(),
        testid: 'profile-connect',
        run: () => attempt(() => sessions.connect(id)),
      };
  return {
    label: m.profiles_menu({ name: profile?.name ?? '' }),
    testid: 'profile',
    groups: [
      [
        session,
        {
          label: m.profiles_edit(),
          testid: 'profile-edit',
          keys: 'F2',
          run: () => app.go({ at: 'edit', id }),
        },
        {
          label: m.diagnosis_open(),
          testid: 'profile-diagnose',
          run: () => app.go({ at: 'diagnose', id }),
        },
        {
          label: m.probe_open(),
          testid: 'profile-probe',
          run: () => app.go({ at: 'probe', id }),
        },
        ...(profiles.list.length > 1
          ? [{ label: m.sides_with(), testid: 'profile-side-by-side', run: () => besideShown(id) }]
          : []),
        { label: m.profiles_duplicate(), testid: 'profile-duplicate', run: () => duplicate(id) },
      ],
      [
        {
          label: m.copy_as_open(),
          testid: 'profile-copy-as',
          run: () => (app.asking = { about: 'copy', profile: id }),
        },
        exportAction('profile-export', [id]),
      ],
      [moveAction('profile-move')],
    ],
    ...common([profile?.colour ?? null]),
    last: [
      {
        label: m.profiles_delete(),
        testid: 'profile-delete',
        keys: m.profiles_key_delete(),
        danger: true,
        run: () => attempt(() => app.remove([id])),
      },
    ],
  };
}

function folderMenu(folder: Extract<Node, { kind: 'folder' }>): Menu {
  const ids = outline.chosenProfiles;
  const { id } = folder;
  return {
    label: m.profiles_menu({ name: folder.name }),
    testid: 'folder',
    groups: [
      [
        { label: m.folder_new_inside(), testid: 'folder-new-inside', run: () => addFolder(id) },
        {
          label: m.folder_rename(),
          testid: 'folder-rename',
          keys: 'F2',
          run: () => (outline.renaming = id),
        },
      ],
      ids.length > 0 ? [...sessionActions('folder', ids), exportAction('folder-export', ids)] : [],
      [moveAction('folder-move')],
    ].filter((group) => group.length > 0),
    ...common([folder.colour]),
    last: [
      {
        label: m.folder_remove(),
        testid: 'folder-remove',
        run: () => attempt(() => profiles.removeFolder(id)),
      },
      ...(ids.length > 0 ? [deleteAction('folder-delete-profiles', ids)] : []),
    ],
  };
}

function severalMenu(): Menu {
  const ids = outline.chosenProfiles;
  const some = ids.length > 0;
  return {
    label: m.profiles_selected({ count: outline.chosen.size }),
    testid: 'selection',
    groups: [
      ...(some
        ? [
            [
              ...sessionActions('selection', ids),
              ...pairAction(ids),
              exportAction('selection-export', ids),
            ],
          ]
        : []),
      [moveAction('selection-move')],
    ],
    ...common(outline.nodes.map(colourOf)),
    last: some ? [deleteAction('selection-delete', ids)] : [],
  };
}

/** Two profiles can be seen at once. */
function pairAction([left, right, ...more]: ProfileId[]): Action[] {
  if (left === undefined || right === undefined || more.length > 0) return [];
  return [
    {
      label: m.sides_open_two(),
      testid: 'selection-side-by-side',
      keys: shortcut(SIDES_KEYS),
      run: () => app.sides.open(left, right),
    },
  ];
}

/** Shows a profile beside the one that is shown, or beside one that is to be chosen. */
function besideShown(id: ProfileId): void {
  const { shown, place } = app;
  if (place.at === 'profile' && shown !== null && shown !== id) app.sides.open(shown, id);
  else app.sides.open(id);
}

/** Shows the two profiles that are chosen side by side, else the shown one and the one that was beside it last; or goes back. */
export function toggleSides(): void {
  const [left, right, ...more] = outline.chosenProfiles;
  const isPair = left !== undefined && right !== undefined && more.length === 0;
  if (isPair && !(app.shows(left) && app.shows(right))) app.sides.open(left, right);
  else if (app.place.at === 'sides') app.sides.close();
  else app.sides.reopen(app.shown);
}

function sessionActions(begin: string, ids: ProfileId[]): Action[] {
  return [
    { label: m.profiles_connect(), testid: `${begin}-connect`, run: () => connectAll(ids) },
    {
      label: m.profiles_disconnect(),
      testid: `${begin}-disconnect`,
      run: () => disconnectAll(ids),
    },
  ];
}

function exportAction(testid: string, ids: ProfileId[]): Action {
  return {
    label: m.export_open(),
    testid,
    run: () => (app.asking = { about: 'export', profiles: ids }),
  };
}

function moveAction(testid: string): Action {
  return { label: m.profiles_move(), testid, run: () => (app.asking = { about: 'move' }) };
}

function deleteAction(testid: string, ids: ProfileId[]): Action {
  return {
    label: m.profiles_delete_many({ count: ids.length }),
    testid,
    keys: m.profiles_key_delete(),
    danger: true,
    run: () => attempt(() => app.remove(ids)),
  };
}

export function connectAll(ids: readonly ProfileId[]): void {
  const idle = ids.filter((id) => !sessions.isOpen(id));
  attempt(() => Promise.all(idle.map((id) => sessions.connect(id))));
}

export function disconnectAll(ids: readonly ProfileId[]): void {
  const open = ids.filter((id) => sessions.isOpen(id));
  attempt(() => Promise.all(open.map((id) => sessions.disconnect(id))));
}

/** Deletes the chosen profiles, those in chosen folders among them. The folders stay. */
export function deleteChosen(): void {
  const ids = outline.chosenProfiles;
  if (ids.length > 0) attempt(() => app.remove(ids));
}

export function addFolder(parent = outline.here): void {
  attempt(() => outline.addFolder(m.folder_new_name(), parent));
}

/** F2: a folder's name in its row, a profile's form. */
export function editChosen(): void {
  const [node, ...more] = outline.nodes;
  if (!node || more.length > 0) return;
  if (node.kind === 'folder') outline.renaming = node.id;
  else app.go({ at: 'edit', id: node.id });
}

function duplicate(id: ProfileId): void {
  attempt(async () => {
    const copy = await profiles.duplicate(id, (name) => m.profiles_copy_name({ name }));
    outline.choose(keyOf({ kind: 'profile', id: copy.id }));
    app.go({ at: 'edit', id: copy.id });
  });
}
