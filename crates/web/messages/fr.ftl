shell-search = Chercher un paiement
shell-menu = Menu
shell-tasks = { $n ->
    [0] Aucune tâche
    [one] { $n } tâche
   *[other] { $n } tâches
}
shell-to-live = Passer au réel
shell-to-test = Passer au test
shell-leave = Se déconnecter
forms-both-title = Quelqu'un d'autre a enregistré entre-temps
forms-both-text = Voici les deux versions. Vos saisies sont toujours dans le formulaire : enregistrez-les pour remplacer l'autre version, ou reprenez-la champ par champ.
forms-both-field = Champ
forms-both-saved = Enregistré entre-temps
forms-both-typed = Votre saisie
forms-both-nothing = (vide)

list-views = Vues
list-search-go = Chercher
list-more-filters = Plus de filtres
list-apply = Filtrer
list-any = Tous
list-active = Filtres actifs
list-remove = Retirer
list-ignored = Filtre inconnu, ignoré : { $names }
list-show-all = Tout afficher
list-pages = Pages
list-page-first = Première page
list-page-next = Page suivante
list-rows = Lignes par page
list-further = Chercher plus loin
list-looked-back = Recherche faite jusqu'au { $when }.
list-totals = Totaux du filtre entier
list-totals-ask = Calculer les totaux
list-format = Format du fichier
list-export = Exporter
list-format-xlsx = Excel (XLSX)
list-format-csv-point-virgule = CSV ; (français)
list-format-csv-sep = CSV ; avec ligne sep=
list-format-csv-virgule = CSV , (international)
list-format-jsonl = JSON par ligne
list-settings = Colonnes, vues et touches
list-columns = Colonnes
list-columns-hint = Donnez sa place à chaque colonne (1 pour la première) ; laissez vide pour la cacher.
list-dense = Lignes serrées
list-keys = Touches du clavier
list-keys-help = j et k parcourent les lignes, Entrée ouvre, x coche, e exporte, / cherche, ? montre cette aide.
list-settings-keep = Garder ces réglages
list-tick = Choisir
list-tick-all = Tout choisir
list-bulk = Sur les lignes choisies :
list-view-name = Nom de la vue
list-view-save = Enregistrer ce filtre comme vue
list-view-drop = Oublier cette vue
list-reading-last4 = 4 chiffres : { $value }
list-reading-year = Année : { $value }
list-reading-amount = Montant : { $value }
list-reading-email = E-mail : { $value }
list-reading-id = Identifiant
list-reading-day = Date : { $value }
list-reading-text = Référence ou nom : { $value }
