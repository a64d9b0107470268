# E-mail a chi paga.
notices-receipt-subject = Ricevuta di { $amount } – { $merchant }
notices-checking-subject = Stiamo verificando il Suo pagamento
notices-accepted-subject = Pagamento accettato: { $amount }
notices-refused-subject = Pagamento rifiutato: { $amount }
notices-cancelled-subject = Pagamento annullato: { $amount }
notices-refund-subject = Rimborso di { $amount }

notices-hello = Buongiorno { $name },
notices-hello-unnamed = Buongiorno,
notices-amount = Importo: { $amount }
notices-reference = Riferimento: { $reference }
notices-date = Data: { $when }
notices-refund-text = { $merchant } Le ha rimborsato { $amount }.

notices-receipt-follows = Il link di questo messaggio apre la Sua ricevuta; potrà leggerla e stamparla per 15 mesi.
notices-checking-follows = Le scriveremo appena la banca avrà risposto. Il link di questo messaggio mostra lo stato del pagamento.
notices-accepted-follows = Il link di questo messaggio apre la Sua conferma.
notices-refused-follows = Per riprovare, apra il link di questo messaggio.
notices-contact = Domande? Chiami il { $phone } o scriva a { $email }.
notices-contact-email = Domande? Scriva a { $email }.
notices-test = PROVA: questo pagamento è un test, nessun denaro è stato spostato.
