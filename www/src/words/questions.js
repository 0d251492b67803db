// The store's questions to newcomers in words, by their names in its rules: what is asked, what the buttons say, and how
// an answer is called later on.

export const QUESTIONS = {
  place: {
    ask: "What brings you here?",
    answers: {
      outside: { button: "The outdoors", asked: "things for outside" },
      home: { button: "My home", asked: "things for the home" },
    },
  },
  wear: {
    ask: "Which rail of clothes?",
    answers: {
      women: { button: "Women’s", asked: "women’s clothes" },
      men: { button: "Men’s", asked: "men’s clothes" },
    },
  },
  price: {
    ask: "What kind of purchase?",
    answers: {
      small: { button: "Something small", asked: "small things" },
      lasting: { button: "Once, and for long", asked: "things to keep for long" },
    },
  },
};

/** @param {string} [answer] `question/answer` */
export function askedFor(answer = "") {
  const [question, name] = answer.split("/");
  return QUESTIONS[question]?.answers[name]?.asked ?? "this";
}
