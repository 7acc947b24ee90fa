// Every provider page that ships, in the order in which hosts are looked up. Adding a provider adds one line here and
// one folder beside it. Data only.

import type { ProviderPage } from '../classify/provider-page.ts';
import { railway } from './railway/page.ts';

export const pages: readonly ProviderPage[] = [railway];
