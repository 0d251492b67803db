// The store's questions to newcomers in words, by their names in its rules: what is asked, what the buttons say, and how
// an answer is called later on.

export const QUESTIONS = {
  place: {
    ask: "Where to first?",
    answers: {
      outside: { button: "Out we go", asked: "things for outside" },
      home: { button: "Home again", asked: "things for the home" },
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
