// What a web application does with supabase-js, told as one JSON object on the last line.
import { createClient } from "@supabase/supabase-js";

const [, , url, key, leads] = process.argv;
const options = { auth: { persistSession: false, autoRefreshToken: false } };
const supabase = createClient(url, key, options);
const told = {};
const email = "ada@example.com";
const password = "correct horse";
const failure = ({ error }) => error && { name: error.name, code: error.code, status: error.status, message: error.message };

const signedUp = await supabase.auth.signUp({
  email,
  password,
  options: { data: { first_name: "Ada", company_name: "Byron" } },
});
told.signUp = { error: failure(signedUp), user: signedUp.data.user, hasSession: Boolean(signedUp.data.session) };
told.signUpAgain = failure(await supabase.auth.signUp({ email, password }));
told.weak = failure(await supabase.auth.signUp({ email: "eve@example.com", password: "short" }));
told.localSignOut = failure(await supabase.auth.signOut({ scope: "local" }));

told.wrong = failure(await supabase.auth.signInWithPassword({ email, password: "wrong" }));
const signedIn = await supabase.auth.signInWithPassword({ email, password });
told.signIn = { error: failure(signedIn), appMetadata: signedIn.data.user?.app_metadata };

const got = await supabase.auth.getUser();
told.getUser = { error: failure(got), id: got.data.user?.id, email: got.data.user?.email };
const claims = await supabase.auth.getClaims();
told.getClaims = { error: failure(claims), sub: claims.data?.claims?.sub };

const answer = await fetch(leads, { headers: { Authorization: `Bearer ${signedIn.data.session?.access_token}` } });
told.leads = { status: answer.status, body: await answer.json() };

const refreshed = await supabase.auth.refreshSession();
told.refresh = {
  error: failure(refreshed),
  rotated: refreshed.data.session?.refresh_token !== signedIn.data.session?.refresh_token,
};
const updated = await supabase.auth.updateUser({ data: { theme: "dark" }, password: "battery staple" });
told.update = { error: failure(updated), metadata: updated.data.user?.user_metadata };
told.recover = failure(await supabase.auth.resetPasswordForEmail(email));
told.badRefresh = failure(await createClient(url, key, options).auth.refreshSession({ refresh_token: "nonsense" }));

const token = refreshed.data.session?.access_token;
told.signOut = failure(await supabase.auth.signOut());
told.afterSignOut = failure(await supabase.auth.getUser(token));
told.sessionAfterSignOut = (await supabase.auth.getSession()).data.session;
console.log(JSON.stringify(told));
process.exit(0);
