"""`tillsyn-root`: the municipality's root key, kept in a file under a passphrase and never by the service."""
