// The routes are plain; what is measured is the production build.
export default {
  poweredByHeader: false,
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['pg', 'twilio'],
};
