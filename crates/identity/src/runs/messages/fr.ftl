# Traitements longs : avancement, fichier, résultat.
runs-title = Traitements
runs-all = Tous mes traitements
runs-empty = Les exports de plus de 10 000 lignes et les actions sur plusieurs lignes apparaîtront ici.
runs-what = Traitement
runs-when = Demandé le
runs-state = État
run-title = Export : { $title }
run-progress = Avancement :
run-state-running = En cours
run-state-stopped = Interrompu
run-state-done = Terminé
run-state-failed = Échec
run-done-of = { $n ->
    [0] aucune ligne sur { $total }
    [one] { $done } ligne sur { $total }
   *[other] { $done } lignes sur { $total }
}
run-done = { $n ->
    [0] aucune ligne
    [one] { $done } ligne
   *[other] { $done } lignes
}
run-rate = { $n ->
    [one] { $rate } ligne par seconde
   *[other] { $rate } lignes par seconde
}
run-left = { $n ->
    [0] presque fini
    [one] reste { $n } seconde
   *[other] reste { $n } secondes
}
run-interrupted = Interrompu par un arrêt ; reprise dans moins d'une minute
run-stop = Interrompre
run-go-on = Reprendre
run-may-leave = Vous pouvez fermer cette page : le traitement continue.
run-file = Télécharger le fichier
run-size = { $size } ko
run-file-until = Le fichier reste disponible jusqu'au { $when }.
run-result = Voir le résultat, ligne par ligne
run-errand-failed = Ce traitement s'est arrêté avant la fin. Le résultat montre ce qui a été fait ; rien n'a été fait deux fois.
run-failed = Le fichier n'a pas pu être fait. Recommencez l'export depuis la liste ; si cela se reproduit, prévenez votre administrateur.
run-mail-done-subject = Votre fichier est prêt — { $merchant }
run-mail-done-text = Bonjour { $name }, le fichier { $file } que vous avez demandé est prêt. Vous pouvez le télécharger pendant 7 jours, une fois connecté.
run-mail-failed-subject = Votre fichier n'a pas pu être fait — { $merchant }
run-mail-failed-text = Bonjour { $name }, le fichier { $file } que vous avez demandé n'a pas pu être fait. Recommencez l'export depuis la liste ; si cela se reproduit, prévenez votre administrateur.
run-mail-errand-done-subject = Votre traitement est terminé — { $merchant }
run-mail-errand-done-text = Bonjour { $name }, le traitement « { $file } » que vous avez demandé est terminé. Son résultat, ligne par ligne, vous attend une fois connecté.
run-mail-errand-failed-subject = Votre traitement s'est arrêté avant la fin — { $merchant }
run-mail-errand-failed-text = Bonjour { $name }, le traitement « { $file } » que vous avez demandé s'est arrêté avant la fin. Son résultat montre ce qui a été fait ; rien n'a été fait deux fois.
