"""A person's own pages: Etusivu, Käyttäjäprofiili (Tiedot, Salasana), Istunnot ja laitteet."""
