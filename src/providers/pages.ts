// Every provider page that ships, in the order in which hosts are looked up. Adding a provider adds one line here and
// one folder beside it. Data only; each page's own examples are run by pages.test.ts.

import type { ProviderPage } from '../classify/provider-page.ts';
import { aws } from './aws/page.ts';
import { cloudflare } from './cloudflare/page.ts';
import { digitalocean } from './digitalocean/page.ts';
import { doppler } from './doppler/page.ts';
import { fly } from './fly/page.ts';
import { gcp } from './gcp/page.ts';
import { github } from './github/page.ts';
import { gitlab } from './gitlab/page.ts';
import { heroku } from './heroku/page.ts';
import { hetzner } from './hetzner/page.ts';
import { linode } from './linode/page.ts';
import { neon } from './neon/page.ts';
import { planetscale } from './planetscale/page.ts';
import { pulumi } from './pulumi/page.ts';
import { railway } from './railway/page.ts';
import { render } from './render/page.ts';
import { slack } from './slack/page.ts';
import { stripe } from './stripe/page.ts';
import { supabase } from './supabase/page.ts';
import { turso } from './turso/page.ts';
import { twilio } from './twilio/page.ts';
import { upstash } from './upstash/page.ts';
import { vault } from './vault/page.ts';
import { vercel } from './vercel/page.ts';

export const pages: readonly ProviderPage[] = [
  aws,
  cloudflare,
  digitalocean,
  doppler,
  fly,
  gcp,
  github,
  gitlab,
  heroku,
  hetzner,
  linode,
  neon,
  planetscale,
  pulumi,
  railway,
  render,
  slack,
  stripe,
  supabase,
  turso,
  twilio,
  upstash,
  vault,
  vercel,
];
