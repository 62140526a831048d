import './styles/tokens.css';
import './styles/base.css';

import { mount } from 'svelte';

import App from './app/App.svelte';
import { followLocale } from './i18n';
import { app } from './state/app.svelte';

followLocale(() => app.settings.locale);

const target = document.getElementById('app');
if (target) {
  mount(App, { target });
  void app.start();
}
