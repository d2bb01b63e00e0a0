// Presses the button of the page that posts an answer to the client; without this the person does.
document.forms["answer"].submit();
