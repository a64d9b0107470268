# Traitements longs : avancement, fichier.
runs-title = Traitements
runs-all = Tous mes traitements
runs-empty = Les exports de plus de 10 000 lignes apparaîtront ici.
runs-what = Traitement
runs-when = Demandé le
runs-state = État
run-title = Export : { $title }
run-progress = Avancement :
run-state-running = En cours
run-state-stopped = Interrompu
run-state-done = Terminé
run-state-failed = Échec
run-done-of = { $done } lignes sur { $total }
run-done = { $done } lignes
run-rate = { $rate } lignes par seconde
run-left = { $n ->
    [0] presque fini
    [one] reste { $n } seconde
   *[other] reste { $n } secondes
}
run-stop = Interrompre
run-go-on = Reprendre
run-may-leave = Vous pouvez fermer cette page : le traitement continue.
run-file = Télécharger le fichier
run-size = { $size } ko
run-file-until = Le fichier reste disponible jusqu'au { $when }.
run-failed = Le fichier n'a pas pu être fait. Recommencez l'export depuis la liste ; si cela se reproduit, prévenez votre administrateur.
