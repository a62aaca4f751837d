"""What goes out beside answers: push messages to merchants, and letters to customers and operators.

Push messages: what there is to tell, how a message is written and signed, and how it is sent (notifications §1).
Letters: how a mail is put together and handed to a mail server (notifications §2). Nothing here knows the database or
the rules of billing; when to tell, and whom, is up to ``app/pushing`` and ``app/mail``.
"""
